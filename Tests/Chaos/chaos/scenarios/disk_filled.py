"""The disk of the coordinator's database is full, and freed again."""

import time
from pathlib import Path

from chaos.api import Refused
from chaos.cluster import wait
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage


def disk_filled(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("disk-filled", "it says so, accepts nothing that it can't keep, and goes on once there is room")
    with Stage(baton, folder) as stage:
        for number in range(3):
            run = stage.chain(40, 0.1)
            time.sleep(1)
            since = stage.log_size
            stage.store.fill(stage.coordinator.id)
            # What had room in the log of the database is kept; then it refuses.
            accepted = submit_until_refused(stage, outcome, f"full-{number}")
            wait("a coordinator that says that it can't store", 30, lambda: not stage.api.is_ready)
            outcome.seen["/readyz"] = stage.ready_text
            outcome.seen["log"] = stage.log_line("the store refuses", since)
            # A limit of file size is another error for SQLite.
            words = "disk is full" if stage.store.is_small else "disk I/O error"
            outcome.broken += [f"{where} doesn't say '{words}'" for where in ("/readyz", "log") if words not in outcome.seen[where]]
            stage.store.free(stage.coordinator.id)
            freed = time.time()
            outcome.note(freed, stage.completed_after(run, freed))
            wait("a coordinator that is ready", 30, lambda: stage.api.is_ready)
            stage.check_once(run, outcome.broken)
            for kept in accepted:
                stage.check_once(kept, outcome.broken)
            refused = [one["id"] for one in stage.api.runs("&name=refused")]
            if refused:
                outcome.broken.append(f"runs that were refused are there: {refused}")
    return outcome


def submit_until_refused(stage: Stage, outcome: Outcome, key: str) -> list[str]:
    accepted: list[str] = []
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            # Large, so that the room there is in pages that were made before is soon gone.
            tasks = [{"id": f"t{n}", "handler": "core.noop", "inputs": {"text": "x" * 20000}} for n in range(20)]
            accepted.append(stage.api.submit({"name": "kept", "tasks": tasks}, f"{key}-{len(accepted)}")["id"])
        except Refused as refusal:
            outcome.seen["POST /v1/runs"] = str(refusal)
            try:
                stage.api.submit({"name": "refused", "tasks": [{"id": "a", "handler": "core.noop"}]}, f"{key}-refused")
                accepted.append(next(run["id"] for run in stage.api.runs("&name=refused")))
            except (Refused, StopIteration):
                pass
            return accepted
    outcome.broken.append("submissions were accepted for 30 s on a full disk")
    return accepted
