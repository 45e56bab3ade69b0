"""A broker, a coordinator and workers, each a process of its own, joined by a proxy."""

import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from chaos.api import API
from chaos.broker import Broker
from chaos.database_folder import DatabaseFolder
from chaos.process import Process
from chaos.proxy import Proxy

HEARTBEAT = 4
"""Seconds between AMQP heartbeats: the broker gives a silent process up after about three of them."""
NAMESPACE = "chaos"
QUEUE = "default"


class ClusterFailed(Exception):
    """Something that has to come about did not; the text says what."""


def wait(what: str, limit: float, holds: Callable[[], bool], pause: float = 0.05) -> float:
    """Returns after how many seconds it holds."""
    begin = time.monotonic()
    while not holds():
        if time.monotonic() - begin > limit:
            raise ClusterFailed(f"not within {limit:.0f} s: {what}")
        time.sleep(pause)
    return time.monotonic() - begin


class Started:
    """In a `with` block it runs, and after it nothing of it does."""

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Cluster(Started):
    def __init__(self, baton: Path, folder: Path, workers: int, slots: int, worker_environment: dict[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.baton = baton
        self.folder = folder
        self.slots = slots
        self.worker_count = workers
        self.worker_environment = worker_environment or {}
        self.journal = folder / "journal"
        self.journal.touch()
        self.effect = folder / "effect.sh"
        shutil.copy(Path(__file__).parent / "effect.sh", self.effect)
        self.store = DatabaseFolder(folder / "store")
        self.broker = Broker(folder / "rabbitmq")
        self.lock = threading.RLock()
        self.workers: list[Process] = []
        self._numbers = 0
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.http_port = taken.getsockname()[1]
        self.api = API(self.http_port)
        self.coordinator: Process
        self.proxy: Proxy

    # Beginning and end

    def start(self) -> None:
        self.broker.start()
        self.proxy = Proxy(self.broker.port)
        self.start_coordinator()
        for _ in range(self.worker_count):
            self.start_worker()
        wait("the workers' announcements", 60, lambda: self.live_workers() >= self.worker_count)

    def stop(self) -> None:
        """Leaves the logs and the database, and no process."""
        for process in [*self.workers, *([self.coordinator] if hasattr(self, "coordinator") else [])]:
            process.kill()
        if hasattr(self, "proxy"):
            self.proxy.close()
        try:
            self.broker.signal(signal.SIGCONT)
            self.broker.stop()
        finally:
            self.store.keep(self.folder / "database")
            self.store.remove()

    # Processes

    @property
    def amqp_url(self) -> str:
        """Through the proxy."""
        return f"amqp://guest:guest@127.0.0.1:{self.proxy.port}/?heartbeat={HEARTBEAT}"

    def launch_coordinator(self) -> Process:
        """Doesn't wait until it is ready."""
        with self.lock:
            self.coordinator = Process(
                "coordinator",
                [str(self.baton), "coordinator", "--amqp-url", self.amqp_url, "--namespace", NAMESPACE,
                 "--database", str(self.store.database), "--http", f"127.0.0.1:{self.http_port}"],
                self.folder / "coordinator.log", user=self.coordinator_user)
            return self.coordinator

    @property
    def coordinator_user(self) -> int | None:
        """Whose process it is; `None` for ours."""
        return None

    def start_coordinator(self, limit: float = 60) -> float:
        """Returns after how many seconds it is ready."""
        process = self.launch_coordinator()

        def is_ready() -> bool:
            if process.exit_status is not None:
                raise ClusterFailed(f"the coordinator has ended ({process.exit_status}); see {process.log}")
            return self.api.is_ready

        return wait("a coordinator that is ready", limit, is_ready)

    def start_worker(self) -> Process:
        with self.lock:
            self._numbers += 1
            name = f"worker-{self._numbers}"
            worker = Process(
                name,
                [str(self.baton), "worker", "--amqp-url", self.amqp_url, "--namespace", NAMESPACE, "--queues", QUEUE,
                 "--slots", str(self.slots), "--allow-shell"],
                self.folder / f"{name}.log",
                {"BATON_HEARTBEAT_INTERVAL": "2s", "CHAOS_JOURNAL": str(self.journal), **self.worker_environment})
            self.workers.append(worker)
            return worker

    def replace(self, worker: Process) -> Process:
        """Kills it and starts another one, as a supervisor would."""
        with self.lock:
            worker.kill()
            self.workers.remove(worker)
            return self.start_worker()

    def worker(self, id: str | None) -> Process | None:
        """The process that announced itself by this id, `<host>-<process>-<random>`."""
        return next((worker for worker in self.workers if id and f"-{worker.id}-" in id), None)

    def live_workers(self) -> int:
        return sum(1 for worker in self.api.workers() if worker["state"] == "running")

    def mend(self) -> None:
        """After all faults: everything runs, and nothing is in its way."""
        self.proxy.delay = 0
        self.proxy.is_open = True
        self.proxy.let_go()
        self.broker.signal(signal.SIGCONT)
        self.coordinator.go_on()
        self.store.free(self.coordinator.id)
        if not self.coordinator.is_running:
            self.start_coordinator(120)
        for worker in list(self.workers):
            worker.go_on()
            if not worker.is_running:
                self.replace(worker)
