"""A worker is killed while it runs a task."""

import time
from pathlib import Path

from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage

TIMES = 7


def worker_killed(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("worker-killed", "its task runs on another one within a second", limit=1)
    with Stage(baton, folder) as stage:
        for _ in range(TIMES):
            token = stage.token()
            run = stage.submit([stage.step(token, "work", 1.5), stage.step(token, "after", 0, ["work"])])
            first = stage.start_of(f"{token}/work")
            # Long enough that the coordinator has heard of the start.
            time.sleep(0.5)
            worker = stage.process(first)
            killed = time.time()
            worker.kill()
            second = stage.start_of(f"{token}/work", 2)
            outcome.note(killed, second.at - killed)
            stage.replace(worker)
            stage.check_once(run, outcome.broken)
            lost = [event for event in stage.api.events(run) if event["type"] == "attempt.lost"]
            outcome.seen["history"] = ", ".join(event["type"] for event in lost) + f" of attempt {lost[0]['attempt']}" if lost else "nothing"
    return outcome
