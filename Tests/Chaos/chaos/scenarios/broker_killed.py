"""The broker is killed and started again in the middle of a run; nobody does anything else."""

import time
from pathlib import Path

from chaos.cluster import wait
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage


def broker_killed(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("broker-killed", "nobody has to do anything; from when it accepts connections to the next completed task")
    with Stage(baton, folder) as stage:
        stage.end(stage.chain(1))
        # RabbitMQ 3.10 can lose younger queues.
        time.sleep(7)
        for _ in range(5):
            run = stage.chain(60, 0.1)
            time.sleep(2)
            stage.broker.kill()
            wait("a coordinator that says that the broker is gone", 60, lambda: not stage.api.is_ready)
            outcome.seen["/readyz"] = stage.ready_text
            meanwhile = stage.chain(2)
            stage.broker.restart()
            accepts = time.time()
            outcome.note(accepts, stage.completed_after(run, accepts))
            stage.check_once(run, outcome.broken)
            stage.check_once(meanwhile, outcome.broken)
        outcome.seen["log"] = stage.log_line("not connected", 0)
    return outcome
