"""A broker, a coordinator with short retention, and workers, joined directly: nothing is broken here."""

import signal
import socket
from pathlib import Path

from chaos.api import API
from chaos.broker import Broker
from chaos.cluster import ClusterFailed, Started, wait
from chaos.process import Process

NAMESPACE = "soak"
BROKER_SETTINGS = "raft.wal_max_size_bytes = 32000000\n"
"""A quorum queue's messages stay in the node's memory until its log begins anew, by default every 512 MiB: a long way to a level."""


class Cluster(Started):
    def __init__(self, baton: Path, folder: Path, workers: int, slots: int, keep: int) -> None:
        """`keep`: seconds that ended runs stay."""
        folder.mkdir(parents=True, exist_ok=True)
        self.baton = baton
        self.folder = folder
        self.worker_count = workers
        self.slots = slots
        self.keep = keep
        self.database = folder / "baton.sqlite"
        self.broker = Broker(folder / "rabbitmq")
        self.processes: list[Process] = []
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.http_port = taken.getsockname()[1]
        self.api = API(self.http_port)

    @property
    def coordinator(self) -> Process:
        return self.processes[0]

    @property
    def workers(self) -> list[Process]:
        return self.processes[1:]

    def start(self) -> None:
        settings = self.folder / "broker.conf"
        settings.write_text(BROKER_SETTINGS)
        self.broker.start(settings)
        self._launch(
            "coordinator", "--database", str(self.database), "--http", f"127.0.0.1:{self.http_port}",
            "--keep-completed", f"{self.keep}s", "--keep-failed", f"{self.keep}s")
        wait("a coordinator that is ready", 60, lambda: self._all_run() and self.api.is_ready)
        for _ in range(self.worker_count):
            self._launch("worker", "--slots", str(self.slots))
        wait("the workers' announcements", 60, lambda: self._all_run() and self._live_workers() >= self.worker_count)

    def _launch(self, command: str, *words: str) -> None:
        name = command if command == "coordinator" else f"worker-{len(self.processes)}"
        self.processes.append(Process(
            name, [str(self.baton), command, "--amqp-url", self.broker.url, "--namespace", NAMESPACE, *words], self.folder / f"{name}.log",
            # At the level of notices each failed run that is removed is named.
            {"BATON_LOG_LEVEL": "warning"}))

    def _live_workers(self) -> int:
        return sum(1 for worker in self.api.workers() if worker["state"] == "running")

    def _all_run(self) -> bool:
        for process in self.processes:
            if process.exit_status is not None:
                raise ClusterFailed(f"{process.name} has ended ({process.exit_status}); see {process.log}")
        return True

    @property
    def has_ended(self) -> list[str]:
        """Those of its processes that have ended by themselves."""
        return [f"{process.name} has ended by itself ({process.exit_status})" for process in self.processes if not process.is_running]

    def end(self) -> list[str]:
        """As an operator does. Returns what didn't end well."""
        ends: list[str] = []
        for process in reversed(self.processes):
            if process.is_running and (status := process.stop(30)) != 0:
                ends.append(f"{process.name} was told to end, and did with {status}")
        self.broker.stop()
        return ends

    def stop(self) -> None:
        for process in self.processes:
            process.signal(signal.SIGKILL)
        self.broker.stop()
