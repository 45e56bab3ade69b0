"""The database may not be written any more."""

import os
import time
from pathlib import Path

from chaos.cluster import ClusterFailed, wait
from chaos.process import Process
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage

NOBODY = 65534


class UnprivilegedStage(Stage):
    """Root may write everything, so the coordinator runs as nobody."""

    def launch_coordinator(self) -> Process:
        if os.geteuid() == 0:
            os.chown(self.store.path, NOBODY, NOBODY)
            for folder in [self.folder, self.folder.parent]:
                folder.chmod(folder.stat().st_mode | 0o011)
        return super().launch_coordinator()

    @property
    def coordinator_user(self) -> int | None:
        return NOBODY if os.geteuid() == 0 else None


def database_read_only(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("database-read-only", "it says so, and goes on once it may write again")
    with UnprivilegedStage(baton, folder) as stage:
        forbid(stage, outcome, "everything", [stage.store.path, *stage.store.path.iterdir()])
        forbid(stage, outcome, "the database alone", [stage.store.database])
    return outcome


def forbid(stage: Stage, outcome: Outcome, what: str, paths: list[Path]) -> None:
    """Takes the permission to write these away over a restart, and gives it back."""
    run = stage.chain(40, 0.1)
    time.sleep(1)
    stage.coordinator.kill()
    modes = {path: path.stat().st_mode for path in paths if path.exists()}
    for path in modes:
        path.chmod(0o555 if path.is_dir() else 0o444)
    since = stage.log_size
    process = stage.launch_coordinator()
    try:
        wait("a coordinator that says what is wrong", 30, lambda: process.exit_status is not None or (stage.is_answering and not stage.api.is_ready))
    except ClusterFailed as error:
        outcome.broken.append(f"{what}: {error}")
    outcome.seen[f"{what}: exit status"] = str(process.exit_status)
    outcome.seen[f"{what}: log"] = stage.log_line("database|readonly|read-only|may write|lock", since)
    if not outcome.seen[f"{what}: log"]:
        outcome.broken.append(f"{what}: the log does not say what is wrong")
    process.kill()
    for path, mode in modes.items():
        path.chmod(mode)
    mended = time.time()
    stage.start_coordinator()
    outcome.note(mended, stage.completed_after(run, mended))
    stage.check_once(run, outcome.broken)
