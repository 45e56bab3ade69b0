"""A worker stops doing anything, and keeps its connection."""

import time
from pathlib import Path

from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage

HEARTBEAT = 3
LEASE = 30
"""Seconds of silence after which a leased attempt is lost."""


def worker_hung(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("worker-hung", f"its task runs elsewhere once it is silent for the task's heartbeat of {HEARTBEAT} s", limit=HEARTBEAT + 1)
    with Stage(baton, folder, environment={"BATON_HEARTBEAT_INTERVAL": "500ms"}) as stage:
        for _ in range(4):
            hang(stage, outcome, 5, 0.8, {"timeouts": {"heartbeat": f"{HEARTBEAT}s"}})
    return outcome


def worker_hung_leased(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("worker-hung-leased", f"a task that is leased runs elsewhere once its worker is silent for {LEASE} s", limit=LEASE + 2)
    with Stage(baton, folder, environment={"BATON_HEARTBEAT_INTERVAL": "500ms", "BATON_LEASE_AFTER": "1s"}) as stage:
        # Where all stands still for a while, once more.
        for _ in range(3):
            if hang(stage, outcome, 33, 2.5, {}):
                break
    return outcome


def hang(stage: Stage, outcome: Outcome, seconds: float, after: float, more: dict[str, object]) -> bool:
    """Returns whether the time could be measured."""
    token = stage.token()
    run = stage.submit([stage.step(token, "work", seconds, **more)])
    first = stage.start_of(f"{token}/work")
    time.sleep(after)
    worker = stage.process(first)
    stalled = time.time()
    worker.stall()
    second = stage.start_of(f"{token}/work", 2, limit=LEASE + 90)
    is_measured = outcome.note(stalled, second.at - stalled)
    worker.go_on()
    stage.check_once(run, outcome.broken)
    ended = [e for e in stage.api.events(run) if e["type"] in ("attempt.lost", "task.retrying") and e.get("attempt") == 1]
    if ended:
        outcome.seen["history"] = f"{ended[0]['type']} {ended[0].get('data', '')}"
    return is_measured
