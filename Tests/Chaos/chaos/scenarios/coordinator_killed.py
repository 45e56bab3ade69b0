"""The coordinator is killed and started again in the middle of a run."""

import time
from pathlib import Path

from chaos.checks import instant
from chaos.cluster import wait
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage


def coordinator_killed(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("coordinator-killed", "it hands out tasks within two seconds of its start", limit=2)
    with Stage(baton, folder) as stage:
        for _ in range(5):
            run = stage.chain(60, 0.05)
            time.sleep(1)
            stage.coordinator.kill()
            time.sleep(1)
            launched = time.time()
            stage.launch_coordinator()

            def queued() -> float | None:
                if not stage.is_answering:
                    return None
                return next((at for e in stage.api.events(run) if e["type"] == "task.queued" and (at := instant(e["at"])) > launched), None)

            wait("a task that is handed out", 60, lambda: queued() is not None, 0.02)
            outcome.note(launched, (queued() or 0) - launched)
            stage.check_once(run, outcome.broken)
    return outcome
