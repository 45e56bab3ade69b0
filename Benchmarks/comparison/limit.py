"""What the broker itself can do: messages like Baton's to a worker and back, with nothing in between but a client library."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pika

from comparison.environment import Environment
from comparison.process import Process
from comparison.sample import Sample, expect

PREFETCH = 72
"""As a Baton worker has by default: 8 slots and 64 ahead."""
WINDOW = 1_000
"""Unconfirmed publications, as many as Baton's connections have."""

settings = (
    f"quorum queues declared as Baton's; messages of the size of Baton's, persistent, mandatory, each confirmed; "
    f"2 workers with a prefetch of {PREFETCH}; at most {WINDOW} publications unconfirmed; a task is acknowledged when its report is confirmed"
)


def c_fan_out(environment: Environment, tasks: int) -> Sample:
    """Tasks a second through librabbitmq in C: from the first publication to the last report."""
    program = environment.round_trip
    return _measure(environment, "c-all", [program, "all"], [str(tasks), str(WINDOW)], [program, "echo"], [str(PREFETCH)])


def c_round_trip(environment: Environment, tasks: int) -> Sample:
    """One task on its way at a time; `median_us` is that of a whole round trip with both confirms."""
    program = environment.round_trip
    return _measure(environment, "c-one-by-one", [program, "one-by-one"], [str(tasks)], [program, "echo"], [str(PREFETCH)])


def swift_fan_out(environment: Environment, tasks: int) -> Sample:
    """As `c_fan_out`, through Baton's AMQP module."""
    return _measure_swift(environment, "swift-all", ["--tasks", str(tasks), "--window", str(WINDOW)])


def swift_round_trip(environment: Environment, tasks: int) -> Sample:
    """As `c_round_trip`, through Baton's AMQP module."""
    return _measure_swift(environment, "swift-one-by-one", ["--tasks", str(tasks), "--one-by-one"])


def _measure_swift(environment: Environment, name: str, options: list[str]) -> Sample:
    program = environment.probe
    return _measure(
        environment, name, [program, "round-trip", "--url"], options, [program, "echo", "--url"], ["--prefetch", str(PREFETCH)])


def _measure(
    environment: Environment, name: str, driver: Sequence[str | Path], options: Sequence[str], worker: Sequence[str | Path],
    worker_options: Sequence[str],
) -> Sample:
    with environment.virtual_host("limit") as url, ExitStack() as stack:
        with _topology(url) as channel:
            workers = [
                stack.enter_context(Process([*worker, url, *worker_options], environment.log(f"{name}-worker")))
                for _ in range(environment.workers)
            ]
            for process in workers:
                process.wait_for("ready", 30)
            # The same once more, small, so that nothing is done for the first time when it counts.
            small = ["200" if position == _count(options) else word for position, word in enumerate(options)]
            Process([*driver, url, *small], environment.log(name)).wait(60)
            broker = environment.broker_cpu_seconds()
            before = sum(process.cpu_seconds() for process in workers)
            figures = json.loads(Process([*driver, url, *options], environment.log(name)).wait(300))
            extra = {"broker_cpu_seconds": environment.broker_cpu_seconds() - broker}
            extra["worker_cpu_seconds"] = sum(process.cpu_seconds() for process in workers) - before
            if "median_us" in figures:
                extra["median_us"] = figures["median_us"]
            expect(channel.queue_declare("limit.reports.0", passive=True).method.message_count, 0, "reports left in the queue")
            return Sample(figures["seconds"], figures["tasks"], extra)


def _count(options: Sequence[str]) -> int:
    """Where in the options the number of tasks is."""
    return options.index("--tasks") + 1 if "--tasks" in options else 0


@contextmanager
def _topology(url: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    """Exchanges and queues as Baton declares its own: replicated, bounded in how often they deliver, with dead letters kept."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        channel = connection.channel()
        channel.exchange_declare("limit.parking", "fanout", durable=True)
        for exchange, key in (("limit.tasks", "default.p2"), ("limit.reports", "0")):
            channel.exchange_declare(exchange, "direct", durable=True)
            channel.queue_declare(
                f"{exchange}.{key}", durable=True,
                arguments={
                    "x-queue-type": "quorum", "x-delivery-limit": 20, "x-dead-letter-exchange": "limit.parking",
                    "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish",
                },
            )
            channel.queue_bind(f"{exchange}.{key}", exchange, key)
        yield channel
    finally:
        connection.close()
