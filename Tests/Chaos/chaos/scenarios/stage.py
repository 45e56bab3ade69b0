"""A cluster for one scenario, and how it is looked at."""

import itertools
from pathlib import Path

from chaos.api import Object, Unreachable
from chaos.checks import FINAL, instant
from chaos.cluster import QUEUE, Cluster, ClusterFailed, wait
from chaos.journal import Effect, Journal
from chaos.process import Process

_numbers = itertools.count(1)


class Stage(Cluster):
    def __init__(self, baton: Path, folder: Path, workers: int = 2, slots: int = 4, environment: dict[str, str] | None = None) -> None:
        super().__init__(baton, folder, workers, slots, environment)

    def submit(self, tasks: list[Object]) -> str:
        return self.api.submit({"name": "scenario", "tasks": tasks})["id"]

    def step(self, token: str, id: str, seconds: float, after: list[str] | None = None, **more: object) -> Object:
        """A task whose effect is in the journal, as `<token>/<id>`."""
        return {
            "id": id, "handler": "core.shell", **({"dependencies": after} if after else {}),
            "inputs": {"command": f". {self.effect}", "environment": {
                "CHAOS_TOKEN": f"{token}/{id}", "CHAOS_SECONDS": str(seconds), "CHAOS_FAILURES": "0"}},
            "retry": {"maxAttempts": 50, "backoff": "fixed", "delay": "100ms"}, **more}

    def chain(self, length: int, seconds: float = 0.1) -> str:
        """A run that always has something to do next."""
        token = self.token()
        return self.submit([self.step(token, f"link-{n}", seconds, [f"link-{n - 1}"] if n else None) for n in range(length)])

    def token(self) -> str:
        return f"scenario-{next(_numbers)}"

    def starts(self, token: str) -> list[Effect]:
        return Journal(self.journal).starts.get(token, [])

    def start_of(self, token: str, number: int = 1, limit: float = 60) -> Effect:
        """The effect of so many starts of a task, once it is there."""
        wait(f"start {number} of {token}", limit, lambda: len(self.starts(token)) >= number, 0.02)
        return self.starts(token)[number - 1]

    def process(self, effect: Effect) -> Process:
        """The worker that ran it."""
        return next(worker for worker in self.workers if worker.id == effect.process)

    def end(self, run: str, limit: float = 90) -> Object:
        wait(f"the end of run {run}", limit, lambda: self.api.run(run)["status"] in FINAL, 0.1)
        return self.api.run(run)

    def completed_after(self, run: str, moment: float, limit: float = 120) -> float:
        """Seconds from then to the run's next completed task, by the coordinator's history."""
        def first() -> float | None:
            events = self.api.events(run)
            return next((instant(e["at"]) for e in events if e["type"] == "task.completed" and instant(e["at"]) >= moment), None)

        wait("a completed task", limit, lambda: self.is_answering and first() is not None, 0.05)
        return (first() or 0) - moment

    @property
    def is_answering(self) -> bool:
        try:
            return self.api.ask("GET", "/healthz")[0] == 200
        except Unreachable:
            return False

    def check_once(self, run: str, broken: list[str], status: str = "completed") -> None:
        """The run ended as it should, each task once."""
        view = self.end(run)
        if view["status"] != status:
            broken.append(f"run {run} is {view['status']}: {view.get('error')}")
        events = self.api.events(run)
        ends = [event["task"] for event in events if event["type"] == "task.completed"]
        if len(ends) != len(set(ends)) or len(ends) != view["total"]:
            broken.append(f"run {run}: {len(ends)} completions of {view['total']} tasks")

    @property
    def ready_text(self) -> str:
        """What /readyz says."""
        status, body = self.api.ask("GET", "/readyz")
        return f"{status} {body}"

    def log_line(self, words: str, since: int) -> str:
        """The first line of the coordinator's log after this many bytes with one of these words, parted by `|`."""
        for line in self.coordinator.log_since(since).splitlines():
            if not line.startswith("===") and any(word in line for word in words.split("|")):
                return line
        return ""

    @property
    def log_size(self) -> int:
        return self.coordinator.log.stat().st_size

    def see_what_is_left(self, seen: dict[str, str], runs: list[str]) -> None:
        """Of runs that don't go on: why, and whether sending their tasks once more helps."""
        for run in runs:
            task = next((task["id"] for task in self.api.tasks(run) if task["status"] == "queued"), None)
            if task is None:
                continue
            why = f"/v1/runs/{run}/tasks/{task}/why"
            seen["why"] = self.api.get(why)["text"]
            self.api.post(f"/v1/queues/{QUEUE}/pause", {})
            self.api.post(f"/v1/queues/{QUEUE}/resume", {})
            try:
                self.end(run)
                seen["after pause and resume of the queue"] = "the run ends"
            except ClusterFailed as error:
                seen["after pause and resume of the queue"] = str(error)
