"""The graphs of the workload: what is submitted, and what should become of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]


@dataclass
class Plan:
    """A graph document with what is expected of it. A task's token is `<name of the submission>/<task>`."""

    token: str
    shape: str
    document: Object
    status: str = "completed"
    failing: set[str] = field(default_factory=set)
    """Tasks that are meant to fail for good."""
    undone: set[str] = field(default_factory=set)
    """Tasks with a compensation."""
    delays: dict[str, float] = field(default_factory=dict)
    """Seconds that a task has to wait from the run's beginning."""

    @property
    def dependencies(self) -> dict[str, list[str]]:
        return {task["id"]: task.get("dependencies", []) for task in self.document["tasks"]}


class Author:
    """Writes documents of every shape, as the seed has it."""

    def __init__(self, random: random.Random, effect: str) -> None:
        self.random = random
        self.effect = effect
        self.shapes: list[Callable[[str], Plan]] = [
            self.fan_out, self.fan_out, self.chain, self.chain, self.retries, self.saga, self.failing, self.delayed, self.priorities,
            self.long]

    def plan(self, token: str) -> Plan:
        plan = self.random.choice(self.shapes)(token)
        plan.document.setdefault("name", f"chaos-{plan.shape}")
        plan.document["correlationId"] = token
        return plan

    def task(self, token: str, id: str, after: list[str] | None = None, *, seconds: float | None = None, failures: int = 0, **more: Any) -> Object:
        """A task whose effect is seen. Workers die often here, so it may be tried often."""
        seconds = self.random.choice([0.01, 0.05, 0.2, 0.5]) if seconds is None else seconds
        return {
            "id": id, "handler": "core.shell", "inputs": self.inputs(token, id, seconds, failures),
            **({"dependencies": after} if after else {}),
            "retry": {"maxAttempts": 50, "backoff": "fixed", "delay": "200ms"}, **more}

    def inputs(self, token: str, id: str, seconds: float, failures: int) -> Object:
        return {
            "command": f". {self.effect}",
            "environment": {"CHAOS_TOKEN": f"{token}/{id}", "CHAOS_SECONDS": str(seconds), "CHAOS_FAILURES": str(failures)}}

    def fan_out(self, token: str) -> Plan:
        width = self.random.randint(3, 8)
        branches = [f"branch-{number}" for number in range(width)]
        tasks = [self.task(token, "first")]
        tasks += [self.task(token, branch, ["first"], priority=self.random.randrange(4)) for branch in branches]
        # What is quick besides: no process for each.
        quick = [f"quick-{number}" for number in range(self.random.randint(0, 20))]
        tasks += [{"id": id, "handler": "core.noop", "dependencies": ["first"], "retry": {"maxAttempts": 50}} for id in quick]
        tasks.append(self.task(token, "join", branches + quick))
        return Plan(token, "fan-out", {"tasks": tasks})

    def chain(self, token: str) -> Plan:
        length = self.random.randint(3, 8)
        tasks = [self.task(token, f"link-{number}", [f"link-{number - 1}"] if number else None, seconds=0.05) for number in range(length)]
        return Plan(token, "chain", {"tasks": tasks})

    def retries(self, token: str) -> Plan:
        tasks = [self.task(token, "flaky", failures=self.random.randint(1, 3)), self.task(token, "after", ["flaky"])]
        return Plan(token, "retries", {"tasks": tasks})

    def saga(self, token: str) -> Plan:
        """Three steps that are undone because the fourth fails. What undoes gets inputs that core.shell can't read, so it is seen in the
        coordinator's history alone."""
        steps = [f"step-{number}" for number in range(3)]
        tasks = []
        for number, id in enumerate(steps):
            task = self.task(token, id, [steps[number - 1]] if number else None, seconds=0.02)
            task["compensate"] = {"handler": "core.echo", "retry": {"maxAttempts": 50, "backoff": "fixed", "delay": "200ms"}}
            tasks.append(task)
        broken = self.task(token, "broken", [steps[-1]], seconds=0.02, failures=1000)
        broken["retry"] = {"maxAttempts": 2, "backoff": "fixed", "delay": "100ms"}
        tasks.append(broken)
        return Plan(token, "saga", {"tasks": tasks}, "failed", {"broken"}, set(steps))

    def failing(self, token: str) -> Plan:
        broken = self.task(token, "broken", failures=1000, seconds=0.05)
        broken["retry"] = {"maxAttempts": 2, "backoff": "fixed", "delay": "100ms"}
        return Plan(token, "failing", {"tasks": [broken, self.task(token, "never", ["broken"]), self.task(token, "other")]}, "failed", {"broken"})

    def delayed(self, token: str) -> Plan:
        seconds = self.random.choice([1, 2, 4])
        tasks = [self.task(token, "later", delay=f"{seconds}s"), self.task(token, "after", ["later"])]
        return Plan(token, "delayed", {"tasks": tasks}, delays={"later": seconds})

    def priorities(self, token: str) -> Plan:
        return Plan(token, "priorities", {"tasks": [self.task(token, f"level-{level}", priority=level, seconds=0.05) for level in range(4)]})

    def long(self, token: str) -> Plan:
        """Long enough that most faults hit it, and to be given up where its worker is silent."""
        tasks = [self.task(token, "long", seconds=self.random.choice([3, 6]), timeouts={"heartbeat": "8s"}), self.task(token, "after", ["long"])]
        return Plan(token, "long", {"tasks": tasks})
