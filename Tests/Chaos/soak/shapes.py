"""The graphs of the load: small ones of every kind, of quick built-in handlers."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]

QUICK = {"backoff": "fixed", "delay": "100ms", "jitter": 0}


@dataclass(frozen=True)
class Order:
    """A document, and how its run should end."""

    document: Object
    status: str = "completed"
    is_cancelled: bool = False
    """It is to be cancelled once it is accepted."""
    is_timed: bool = True
    """False for one with waits of its own: how long it took says nothing."""


def echo(id: str, after: list[Any] | None = None, **more: Any) -> Object:
    return {"id": id, "handler": "core.echo", **({"dependencies": after} if after else {}), **more}


def fail(id: str, attempts: int | None = None, after: list[Any] | None = None, **more: Any) -> Object:
    inputs: Object = {"message": "meant to fail"} | ({} if attempts is None else {"attempts": attempts})
    return {
        "id": id, "handler": "core.fail", "inputs": inputs, "retry": {"maxAttempts": 3, **QUICK},
        **({"dependencies": after} if after else {}), **more}


class Shapes:
    """Draws one after the other. The same seed, the same load."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        often = [self.single, self.single, self.single, self.single, self.chain, self.chain, self.chain, self.fan_out, self.fan_out, self.fan_out]
        shapes: list[Callable[[], Order]] = [
            *often, self.retries, self.failing, self.saga, self.delayed, self.loop, self.sub_graph, self.cached, self.limited, self.continued,
            self.answered, self.priorities, self.routed, self.large]
        # Seldom: workers remember the latest 100,000 cancelled attempts, and to fill that takes most of a day.
        self.shapes = [*shapes * 4, self.cancelled]

    def next(self) -> Order:
        shape = self.random.choice(self.shapes)
        order = shape()
        # Words of their own, so that listeners can leave sub-graphs out.
        order.document["name"] = f"soak.{shape.__name__.replace('_', '-')}"
        return order

    def inputs(self, bytes: int = 120) -> Object:
        return {"number": self.random.randrange(1 << 30), "text": "x" * bytes}

    def single(self) -> Order:
        return Order({"tasks": [{"id": "only", "handler": "core.noop"}]})

    def chain(self) -> Order:
        return Order({"mode": "sequential", "tasks": [echo(f"link-{number}", inputs=self.inputs()) for number in range(5)]})

    def fan_out(self) -> Order:
        branches = [f"branch-{number}" for number in range(12)]
        return Order({"tasks": [
            echo("first", inputs=self.inputs()), *({"id": id, "handler": "core.noop", "dependencies": ["first"]} for id in branches),
            {"id": "join", "handler": "core.noop", "dependencies": branches}]})

    def retries(self) -> Order:
        return Order({"tasks": [fail("flaky", 1), echo("after", ["flaky"])]}, is_timed=False)

    def failing(self) -> Order:
        return Order({"tasks": [fail("broken"), echo("never", ["broken"]), echo("other")]}, "failed", is_timed=False)

    def saga(self) -> Order:
        return Order({"tasks": [
            echo("train", compensate="core.echo", inputs=self.inputs()), echo("hotel", ["train"], compensate="core.echo"),
            fail("pay", after=["hotel"])]}, "failed", is_timed=False)

    def delayed(self) -> Order:
        return Order({"tasks": [echo("later", delay="1s"), echo("after", ["later"])]}, is_timed=False)

    def loop(self) -> Order:
        return Order({"tasks": [
            echo("each", forEach={"items": [self.inputs(20) for _ in range(6)], "maxParallel": 3}), echo("all", ["each"])]})

    def sub_graph(self) -> Order:
        inner = [echo("inner"), echo("last", ["inner"])]
        return Order({"tasks": [{"id": "part", "graph": {"name": "part", "tasks": inner}}, echo("after", ["part"])]})

    def cached(self) -> Order:
        """Sometimes made, sometimes taken, and soon expired."""
        return Order({"tasks": [echo("kept", inputs={"number": self.random.randrange(200)}, cache={"ttl": "10s", "version": "1"})]})

    def limited(self) -> Order:
        limit = {"key": "inputs.tenant", "concurrency": 4}
        return Order({"tasks": [
            {"id": f"call-{number}", "handler": "core.echo", "inputs": {"tenant": self.random.randrange(50)}, "limit": limit}
            for number in range(3)]})

    def continued(self) -> Order:
        return Order({"tasks": [
            echo("import", onCompleted=[echo("notify")]), fail("upload", critical=False, onFailed=[echo("clean")])]}, is_timed=False)

    def answered(self) -> Order:
        """By nobody, so that its default stands."""
        approve = {"id": "approve", "answer": {"deadline": "500ms", "default": {"approved": False}}}
        return Order({"tasks": [approve, echo("after", ["approve"])]}, is_timed=False)

    def priorities(self) -> Order:
        return Order({"tasks": [{"id": f"level-{level}", "handler": "core.noop", "priority": level} for level in range(4)]})

    def routed(self) -> Order:
        return Order({"tasks": [
            echo("decide", inputs=self.inputs(), route="number > `500000000` && 'a' || 'b'", routes={"a": "a", "b": "b"}),
            echo("a"), echo("b")]})

    def cancelled(self) -> Order:
        return Order(
            {"tasks": [{"id": f"sleep-{number}", "handler": "core.sleep", "inputs": {"seconds": 600}, "delay": "1h" if number else "1ms"}
                       for number in range(3)]},
            "cancelled", is_cancelled=True, is_timed=False)

    def large(self) -> Order:
        return Order({"tasks": [echo("large", inputs=self.inputs(30_000)), echo("after", ["large"])]})
