"""Pages of the database are overwritten with garbage: while the coordinator is down, and while it is up."""

import random
import shutil
import sqlite3
import time
from pathlib import Path

from chaos.api import Refused, Unreachable
from chaos.cluster import wait
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage

PAGE = 4096


def overwrite(database: Path, share: float) -> int:
    """Writes garbage into this part of the pages, from the middle on. Returns how many."""
    pages = database.stat().st_size // PAGE
    first, count = pages // 2, max(1, int(pages * share))
    with database.open("r+b") as file:
        file.seek(first * PAGE)
        file.write(random.Random(1).randbytes(min(count, pages - first) * PAGE))
    return count


def move_into_file(database: Path) -> None:
    """What was written of late is in the log beside it."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def fill_database(stage: Stage) -> list[str]:
    """Enough that there is a middle. Leaves the coordinator stopped."""
    runs = [stage.chain(5, 0) for _ in range(4)]
    for number in range(10):
        tasks = [{"id": f"t{n}", "handler": "core.echo", "inputs": {"text": f"{number} {n} " + "x" * 2000}} for n in range(50)]
        runs.append(stage.submit(tasks))
    for run in runs:
        stage.end(run)
    stage.coordinator.stop()
    move_into_file(stage.store.database)
    return runs


def look(stage: Stage, outcome: Outcome, where: str, runs: list[str]) -> bool:
    """Asks for everything; returns whether the damage was told of, in whatever way."""
    told = False
    for path in ["/v1/runs?limit=1000", *[f"/v1/runs/{run}/{part}" for run in runs for part in ("tasks?limit=1000", "events?limit=1000")]]:
        try:
            status, body = stage.api.ask("GET", path)
        except Unreachable as error:
            status, body = 0, str(error)
        if status != 200:
            outcome.seen[f"{where}: GET {path.split('?')[0].replace(path.split('/')[3], 'RUN') if path.count('/') > 2 else path}"] = f"{status} {body[:400]}"
            told = told or "damaged" in body or "malformed" in body
    try:
        run = stage.submit([{"id": f"t{n}", "handler": "core.echo", "inputs": {"text": "y" * 3000}} for n in range(50)])
        try:
            wait("the end of a new run", 15, lambda: stage.api.run(run)["status"] == "completed")
            outcome.seen[f"{where}: POST /v1/runs"] = "201, and the run completes"
        except Exception as error:
            outcome.seen[f"{where}: POST /v1/runs"] = f"201, but: {error}"
    except (Refused, Unreachable) as error:
        outcome.seen[f"{where}: POST /v1/runs"] = str(error)
        told = told or "damaged" in str(error) or "malformed" in str(error)
    return told


def database_damaged(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("database-damaged", "it says so and what to do; with the backup back it goes on")
    with Stage(baton, folder) as stage:
        runs = fill_database(stage)
        database, backup = stage.store.database, folder / "backup.sqlite"
        shutil.copy(database, backup)
        open_run_check(stage, outcome, database, runs, "down")
        # The remedy that it names.
        for path in stage.store.path.glob("baton.sqlite-*"):
            path.unlink()
        shutil.copy(backup, database)
        began = time.time()
        stage.start_coordinator()
        outcome.seconds.append(time.time() - began)
        stage.check_once(stage.chain(3), outcome.broken)
        if len([run for run in stage.api.runs() if run["id"] in runs]) != len(runs):
            outcome.broken.append("runs of the backup are missing")
    return outcome


def open_run_check(stage: Stage, outcome: Outcome, database: Path, runs: list[str], where: str) -> None:
    overwrite(database, 0.6)
    since = stage.log_size
    process = stage.launch_coordinator()
    wait("a coordinator that has come to something", 60, lambda: process.exit_status is not None or stage.is_answering)
    time.sleep(1)
    told = False
    if process.exit_status is None:
        told = look(stage, outcome, where, runs)
        outcome.seen[f"{where}: /readyz"] = stage.ready_text if stage.is_answering else "no answer"
        if process.exit_status is None:
            process.kill()
    else:
        outcome.seen[f"{where}: exit"] = str(process.exit_status)
        if process.exit_status < 0:
            outcome.broken.append(f"it crashed ({process.exit_status})")
    line = stage.log_line("damaged|malformed", since)
    outcome.seen[f"{where}: log"] = line or "nothing of it"
    if not told and not line:
        outcome.broken.append(f"{where}: nothing tells of the damage")


def database_damaged_while_up(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("database-damaged-while-up", "it says so and what to do, and doesn't crash")
    with Stage(baton, folder) as stage:
        runs = fill_database(stage)
        stage.start_coordinator()
        overwrite(stage.store.database, 0.6)
        since = stage.log_size
        told = look(stage, outcome, "up", runs)
        if stage.coordinator.exit_status is not None:
            outcome.broken.append(f"it has ended ({stage.coordinator.exit_status})")
        else:
            outcome.seen["up: /readyz"] = stage.ready_text
        line = stage.log_line("damaged|malformed", since)
        outcome.seen["up: log"] = line or "nothing of it"
        if not told and not line:
            outcome.broken.append("nothing tells of the damage")
    return outcome
