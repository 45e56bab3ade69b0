"""The figures of the table, and what each is held against."""

from dataclasses import dataclass
from enum import Enum

from comparison.sizes import Sizes


class Unit(Enum):
    RATE = "tasks/s"
    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "µs"
    MEBIBYTES = "MiB"

    def text(self, value: float) -> str:
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
        return f"{value:,.{digits}f} {self.value}"


class Sense(Enum):
    """What a target's numbers are."""

    SHARE = "figure / other, at least"
    FASTER = "other / figure, at least"
    TIMES = "figure / other, at most"
    LIMIT = "the figure itself, at most"


@dataclass(frozen=True)
class Target:
    sense: Sense
    least: float
    """What has to be reached."""
    aim: float
    """What would be good."""
    other: str | None = None
    """The name of the figure that it is held against."""


@dataclass(frozen=True)
class Figure:
    work: str
    """The letter."""
    name: str
    title: str
    unit: Unit
    targets: tuple[Target, ...] = ()


def figures(sizes: Sizes) -> list[Figure]:
    """In the order of the table."""
    return [*_shapes(sizes), *_latency(), *_waiting(sizes), *_interventions(sizes), *_scaling(sizes)]


def _shapes(sizes: Sizes) -> list[Figure]:
    rate, step = Unit.RATE, Unit.MILLISECONDS
    share = [Target(Sense.SHARE, 0.4, 0.7, f"{limit}.fan_out.rate") for limit in ("c", "swift")]
    times = [Target(Sense.TIMES, 3, 2, f"{limit}.chain.step_ms") for limit in ("c", "swift")]
    return [
        Figure("a", "baton.fan_out.rate", f"Baton: {sizes.fan_out:,} tasks and a join", rate, (
            *share, Target(Sense.SHARE, 15, 40, "celery.fan_out.rate"), Target(Sense.SHARE, 1.3, 2, "dramatiq.fan_out.rate"))),
        Figure("a", "c.fan_out.rate", "the broker's limit: messages there and back, in C", rate),
        Figure("a", "swift.fan_out.rate", "the broker's limit: messages there and back, in Swift", rate),
        Figure("a", "celery.fan_out.rate", "Celery: chord", rate),
        Figure("a", "dramatiq.fan_out.rate", "Dramatiq: group without results", rate),
        Figure("a", "apflow.fan_out.rate", f"apflow: tree of {sizes.apflow_fan_out:,}", rate),
        Figure("b", "baton.chain.step_ms", f"Baton: a step of a chain of {sizes.chain:,}", step, (
            *times, Target(Sense.FASTER, 8, 15, "celery.chain.step_ms"))),
        Figure("b", "c.chain.step_ms", "the broker's limit: one message there and back at a time, in C", step),
        Figure("b", "swift.chain.step_ms", "the broker's limit: one message there and back at a time, in Swift", step),
        Figure("b", "celery.chain.step_ms", "Celery: a step of a chain", step),
        Figure("b", "dramatiq.chain.step_ms", "Dramatiq: a step of a pipeline", step),
        Figure("b", "apflow.chain.step_ms", f"apflow: a step of a chain of {sizes.apflow_chain:,}", step),
    ]


def _latency() -> list[Figure]:
    unit = Unit.MILLISECONDS
    return [
        Figure("c", "baton.latency.idle_p50_ms", "single task to its result, idle, p50", unit),
        Figure("c", "baton.latency.idle_p99_ms", "single task to its result, idle, p99", unit),
        Figure("c", "baton.latency.greatest_rate", "single tasks, greatest rate", Unit.RATE),
        Figure("c", "baton.latency.half_p50_ms", "single task to its result, at half of that rate, p50", unit),
        Figure("c", "baton.latency.half_p99_ms", "single task to its result, at half of that rate, p99", unit, (
            Target(Sense.TIMES, 8, 4, "baton.latency.idle_p50_ms"),)),
    ]


def _waiting(sizes: Sizes) -> list[Figure]:
    few, many = f"{sizes.waiting_few:,}", f"{sizes.waiting_many:,}"
    share = Target(Sense.SHARE, 0.9, 1.0, "baton.waiting_few.rate")
    return [
        Figure("d", "baton.waiting_few.rate", f"{few} waiting tasks, drain", Unit.RATE),
        Figure("d", "baton.waiting_many.early_rate", f"{many} waiting tasks, drain, first minute", Unit.RATE, (share,)),
        Figure("d", "baton.waiting_many.rate", f"{many} waiting tasks, drain", Unit.RATE, (share,)),
        Figure("d", "baton.waiting_many.accepted_s", f"{many} waiting tasks, accepted", Unit.SECONDS),
        Figure("d", "baton.waiting_many.accepted_peak_mib", f"{many} waiting tasks, coordinator's peak memory by their acceptance",
               Unit.MEBIBYTES),
        Figure("d", "baton.waiting_many.peak_mib", f"{many} waiting tasks, coordinator's peak memory", Unit.MEBIBYTES, (
            Target(Sense.LIMIT, 1024, 400),)),
    ]


def _interventions(sizes: Sizes) -> list[Figure]:
    return [
        Figure("e", "baton.restart.seconds", f"restart with {sizes.restart:,} open tasks, to the first new message", Unit.SECONDS, (
            Target(Sense.LIMIT, 2, 0.5),)),
        Figure("f", "baton.cancel_queued.seconds", f"{sizes.cancel_queued:,} queued tasks cancelled", Unit.SECONDS, (
            Target(Sense.LIMIT, 1, 0.3),)),
        Figure("f", "baton.cancel_running.p50_ms", "a running task hears of its cancel, p50", Unit.MILLISECONDS),
        Figure("f", "baton.cancel_running.p99_ms", "a running task hears of its cancel, p99", Unit.MILLISECONDS, (
            Target(Sense.LIMIT, 50, 10),)),
        Figure("g", "baton.urgent.median_wait_ms", f"urgent task behind {sizes.urgent_behind:,}, median wait", Unit.MILLISECONDS),
        Figure("g", "baton.urgent.excess_ms", "urgent task, longest wait beyond the length of one task", Unit.MILLISECONDS, (
            Target(Sense.LIMIT, 20, 5),)),
    ]


def _scaling(sizes: Sizes) -> list[Figure]:
    found = []
    for workers in sizes.scaling:
        many = f"{workers} worker{'s' if workers > 1 else ''}"
        name = f"baton.scaling_{workers}"
        found += [
            Figure("h", f"{name}.rate", f"fan-out of {sizes.fan_out:,} with {many}", Unit.RATE),
            Figure("h", f"{name}.cpu_us", f"processor time a task, coordinator and {many}", Unit.MICROSECONDS, (
                Target(Sense.TIMES, 1.0, 0.5, f"{name}.broker_cpu_us"),)),
            Figure("h", f"{name}.coordinator_cpu_us", f"processor time a task, coordinator, with {many}", Unit.MICROSECONDS),
            Figure("h", f"{name}.broker_cpu_us", f"processor time a task, broker, with {many}", Unit.MICROSECONDS),
        ]
    return found
