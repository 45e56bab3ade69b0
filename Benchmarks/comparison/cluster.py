"""A Baton cluster for one measurement: a coordinator and workers of the release build, on a virtual host and a database of their own."""

import itertools
import json
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from comparison.environment import Environment
from comparison.process import Process, ProcessFailed
from comparison.sample import WrongResult, expect
from comparison.works.documents import independent

NAMESPACE = "baton"
PAGE = 1000
"""As many tasks as the coordinator lists in one answer."""
WARM_UP = 200
"""Tasks of the run before the one that is measured."""
_numbers = itertools.count(1)


def pause(view: dict[str, Any], took: float) -> float:
    """How long to wait before a run is asked for again, in seconds: seldom while much of it is left, since asking costs the coordinator
    processor time, and every few milliseconds when its end is near."""
    done = view["counts"].get("completed", 0) / view["total"]
    left = took * (1 - done) / done if done else took
    return min(max(left / 2, 0.004), 0.5)


@dataclass(frozen=True)
class Usage:
    """Seconds of processor time since the start of each."""

    coordinator: float
    workers: float
    broker: float

    def since(self, earlier: "Usage", tasks: int) -> dict[str, float]:
        """What a task has cost each of them since then, in microseconds."""
        return {
            "coordinator_cpu_us": (self.coordinator - earlier.coordinator) / tasks * 1e6,
            "workers_cpu_us": (self.workers - earlier.workers) / tasks * 1e6,
            "broker_cpu_us": (self.broker - earlier.broker) / tasks * 1e6,
        }


class Cluster:
    def __init__(self, environment: Environment, amqp_url: str, folder: Path) -> None:
        self.environment = environment
        self.amqp_url = amqp_url
        self.folder = folder
        self.workers: list[Process] = []
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        self.coordinator = self.launch()
        self.await_ready()

    def launch(self) -> Process:
        """A coordinator process on this cluster's database, which may not answer yet."""
        environment = self.environment
        command = [environment.baton, "coordinator", "--amqp-url", self.amqp_url, "--namespace", NAMESPACE]
        command += ["--database", self.folder / "baton.sqlite", "--http", f"127.0.0.1:{self.port}"]
        return Process(command, environment.log("coordinator"), folder=self.folder)

    def await_ready(self, seconds: float = 60) -> None:
        """Returns when the coordinator answers that it can work."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if self._exchange("GET", "/readyz")[0] == 200:
                    return
            except (OSError, HTTPException):
                pass
            if not self.coordinator.running:
                self.coordinator.wait(1)  # raises with what it has printed
                raise ProcessFailed("the coordinator ended by itself")
            if time.monotonic() > deadline:
                raise ProcessFailed(f"the coordinator was not ready within {seconds:g} s: see {self.coordinator.log}")
            time.sleep(0.02)

    def add_workers(self, count: int, slots: int) -> None:
        """Starts worker processes with the built-in handlers, and returns when the coordinator counts them as running."""
        for _ in range(count):
            command = [self.environment.baton, "worker", "--amqp-url", self.amqp_url, "--namespace", NAMESPACE, "--slots", str(slots)]
            self.workers.append(Process(command, self.environment.log("worker"), folder=self.folder))
        self.await_workers(len(self.workers))

    def await_workers(self, count: int, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while sum(worker["state"] == "running" for worker in self.call("GET", "/v1/workers")["items"]) < count:
            if time.monotonic() > deadline:
                raise ProcessFailed(f"fewer than {count} workers were running after {seconds:g} s: see {self.environment.folder}/logs")
            time.sleep(0.02)

    def call(self, method: str, path: str, body: bytes | None = None) -> Any:
        """One request to the HTTP API. Raises `WrongResult` where it is refused."""
        status, answer = self._exchange(method, path, body)
        if status >= 300:
            raise WrongResult(f"{method} {path} was answered by {status}: {answer[:500].decode(errors='replace')}")
        return json.loads(answer)

    def _exchange(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """On a connection that is kept, so that asking costs the coordinator little."""
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            self._connection.close()  # the next request opens it again
            raise

    def submit(self, document: bytes) -> str:
        """The run's id."""
        return self.call("POST", "/v1/runs", document)["id"]

    def await_end(self, run: str, seconds: float) -> dict[str, Any]:
        """Asks for the run until it has ended, and returns it as it is then."""
        begin = time.monotonic()
        while (view := self.call("GET", f"/v1/runs/{run}"))["status"] == "running":
            took = time.monotonic() - begin
            if took > seconds:
                raise WrongResult(f"the run {run} had not ended after {seconds:g} s: {view['counts']}")
            time.sleep(pause(view, took))
        return view

    def warm_up(self) -> None:
        """A small run, so that nothing is done for the first time when it counts."""
        self.await_end(self.submit(independent(WARM_UP, name="warm-up")), seconds=60)

    def tasks(self, run: str, status: str | None = None) -> Iterator[dict[str, Any]]:
        """In the order of the document, page by page."""
        cursor = ""
        while True:
            query = f"?limit={PAGE}" + (f"&status={status}" if status else "") + (f"&cursor={cursor}" if cursor else "")
            page = self.call("GET", f"/v1/runs/{run}/tasks{query}")
            yield from page["items"]
            if not (cursor := page.get("cursor") or ""):
                return

    def check_completed(self, run: str, total: int, most_attempts: int = 1) -> None:
        """Raises `WrongResult` unless the run's tasks are as many as were submitted, each there once and completed, with no more
        attempts than allowed."""
        view = self.call("GET", f"/v1/runs/{run}")
        expect((view["status"], view["total"], view["counts"]), ("completed", total, {"completed": total}), "the run's end")
        ids: set[str] = set()
        for task in self.tasks(run):
            expect(task["status"], "completed", f"the status of {task['id']}")
            if task["attempts"] > most_attempts:
                raise WrongResult(f"the task {task['id']} was attempted {task['attempts']} times, and none had failed")
            ids.add(task["id"])
        expect(len(ids), total, "different tasks in the list")

    def check_handler(self, handler: str, executions: int) -> None:
        """Raises `WrongResult` unless so many attempts of the handler were recorded in all, each of them completed."""
        views = {view["name"]: view for view in self.call("GET", "/v1/handlers?slowest=0")["items"]}
        view = views.get(handler, {})
        found = {name: view.get(name, 0) for name in ("executions", "completed", "failed", "lost", "retries")}
        wanted = {"executions": executions, "completed": executions, "failed": 0, "lost": 0, "retries": 0}
        expect(found, wanted, f"what was recorded of {handler}")

    def usage(self) -> Usage:
        return Usage(
            self.coordinator.cpu_seconds(), sum(worker.cpu_seconds() for worker in self.workers), self.environment.broker_cpu_seconds()
        )

    def kill_coordinator(self) -> None:
        """SIGKILL, as a crash would."""
        self.coordinator.stop(0)
        self._connection.close()

    def stop(self) -> None:
        self._connection.close()
        for worker in self.workers:
            worker.stop()
        self.coordinator.stop()


@contextmanager
def cluster(environment: Environment, workers: int, slots: int = 16) -> Iterator[Cluster]:
    """A new cluster with idle workers, which is gone with all it has stored at the end."""
    name = f"baton-{next(_numbers)}"
    folder = environment.folder / name
    folder.mkdir()
    try:
        with environment.virtual_host(name) as amqp_url:
            made: Cluster | None = None
            try:
                made = Cluster(environment, amqp_url, folder)
                made.add_workers(workers, slots)
                yield made
            finally:
                if made:
                    made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
