"""What is in the database once all runs have been kept for long enough."""

import sqlite3
import time
from pathlib import Path

TASKS = ("definitions", "tasks", "results", "errors", "parts", "attempts", "items", "loops", "links", "timers", "passes", "logs")
"""Keyed by task, `run << 24 | index`."""
SHARED = ("outbox", "backlog", "held", "alarms")
"""Empty when nothing is under way."""


def _count(connection: sqlite3.Connection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])


def is_retired(database: Path) -> bool:
    """The newest run stays, and the child that it may have."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return _count(connection, "purged") == 0 and _count(connection, "runs") <= 2
    finally:
        connection.close()


def leftovers(database: Path, seconds: float) -> dict[str, int]:
    """Rows that nothing will remove any more, by table; waits so long at most for all to be retired."""
    deadline = time.monotonic() + seconds
    while not is_retired(database) and time.monotonic() < deadline:
        time.sleep(1)
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        found = {
            "runs past their time": max(0, _count(connection, "runs") - 2),
            "runs to be removed": _count(connection, "purged"),
            "events": _count(connection, "events WHERE key >> 32 NOT IN (SELECT number FROM runs UNION SELECT number FROM purged)"),
        }
        for table in TASKS:
            found[table] = _count(connection, f"{table} WHERE key >> 24 NOT IN (SELECT number FROM runs UNION SELECT number FROM purged)")
        for table in SHARED:
            found[table] = _count(connection, table)
        return {name: count for name, count in found.items() if count}
    finally:
        connection.close()
