"""The broker is killed, and comes back without its data."""

import time
from pathlib import Path

from chaos.cluster import ClusterFailed
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage


def broker_emptied(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("broker-emptied", "everything is declared and sent again; from when it accepts connections to the next completed task")
    with Stage(baton, folder) as stage:
        for _ in range(3):
            run = stage.chain(40, 0.1)
            token = stage.token()
            # More than the workers can take: some of them are lost with the queue.
            wide = stage.submit([stage.step(token, f"t{number}", 0.3) for number in range(40)])
            time.sleep(1)
            stage.broker.kill()
            stage.broker.forget_data()
            stage.broker.restart()
            accepts = time.time()
            try:
                outcome.note(accepts, stage.completed_after(run, accepts, 60))
                stage.check_once(run, outcome.broken)
                stage.check_once(wide, outcome.broken)
            except ClusterFailed as error:
                outcome.broken.append(str(error))
                stage.see_what_is_left(outcome.seen, [run, wide])
                break
    return outcome
