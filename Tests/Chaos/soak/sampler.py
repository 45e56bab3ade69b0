"""Looks at all processes and the database every few seconds."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from chaos.api import Refused, Unreachable
from soak.cluster import Cluster
from soak.curve import BROKER_MEMORY, COUNT, FILE, LOG, MEMORY, MIDDLE, ROWS, TAIL, Curve, Limit
from soak.ledger import Ledger

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(process: int) -> int:
    """Bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE


def descriptors(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/fd"))


def threads(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/task"))


def size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


class Sampler(threading.Thread):
    def __init__(self, cluster: Cluster, ledger: Ledger, interval: float) -> None:
        super().__init__(name="sampler", daemon=True)
        self.cluster = cluster
        self.ledger = ledger
        self.interval = interval
        self.curves: dict[str, Curve] = {}
        self.error: str | None = None
        self._over = threading.Event()
        self._began = time.monotonic()
        self._node = int((cluster.broker.folder / "pid").read_text())

    def run(self) -> None:
        while not self._over.wait(self.interval):
            try:
                self._sample(time.monotonic() - self._began)
            except (OSError, sqlite3.Error, Unreachable, Refused) as error:
                # A process that has ended is told of by the cluster.
                self.error = f"a sample failed: {error!r}"

    def stop(self) -> None:
        self._over.set()
        self.join(60)

    def _sample(self, at: float) -> None:
        def note(name: str, unit: str, limit: Limit | None, value: float) -> None:
            self.curves.setdefault(name, Curve(name, unit, limit)).points.append((at, value))

        for process in self.cluster.processes:
            note(f"{process.name}: memory", "bytes", MEMORY, resident(process.id))
            note(f"{process.name}: descriptors", "", COUNT, descriptors(process.id))
            note(f"{process.name}: threads", "", COUNT, threads(process.id))
        note("broker: memory", "bytes", BROKER_MEMORY, resident(self._node))
        self._sample_database(note)
        times = sorted(self.ledger.take_times())
        if times:
            note("time to the end, p50", "seconds", MIDDLE, times[len(times) // 2])
            note("time to the end, p99", "seconds", TAIL, times[min(len(times) - 1, len(times) * 99 // 100)])
        note("open runs", "", Limit(0.5, 100), len(self.ledger.open))
        # As a dashboard does.
        self.cluster.api.ask("GET", "/metrics")
        self.cluster.api.get("/v1/runs?limit=50")

    def _sample_database(self, note: Callable[[str, str, Limit | None, float], None]) -> None:
        file = self.cluster.database
        note("database", "bytes", FILE, size(file))
        note("write-ahead log", "bytes", LOG, size(file.with_name(file.name + "-wal")))
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
        try:
            pages, free, page = (
                connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
            # The file keeps the size that it once had: what is in use tells sooner.
            note("database: in use", "bytes", FILE, (pages - free) * page)
            note("database: free", "bytes", None, free * page)
            for table in ("runs", "events"):
                note(f"database: {table}", "", ROWS, connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            note("database: runs to be removed", "", ROWS, connection.execute("SELECT count(*) FROM purged").fetchone()[0])
        finally:
            # A reader that stays would keep the log from beginning anew.
            connection.close()
