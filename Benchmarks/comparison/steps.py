"""What is measured, one step after the other, and under which names the figures are kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from comparison.environment import Environment
from comparison.results import Results
from comparison.sample import Sample
from comparison.sizes import Sizes

Measure = Callable[[Environment], Sample]

PEERS = ("celery", "dramatiq", "apflow")
LIMITS = ("c", "swift")


@dataclass(frozen=True)
class Step:
    work: str
    """The letter."""
    name: str
    """What the names of its figures begin with."""
    measure: Measure
    """Imports what it needs only when it is called, so that what isn't there fails alone."""
    keep: Callable[[Sample], dict[str, float]]
    """The figures of a sample, by the rest of their names."""
    times: int | None = None
    """In how many of the rounds; None for all."""


def steps(sizes: Sizes, without: set[str], drain: float | None) -> Iterator[Step]:
    """Those of one round, in their order: what is compared with one another comes one after the other.

    `drain`: after so many seconds the drain of very many tasks is broken off.
    """
    others = [limit for limit in LIMITS if "limit" not in without] + [peer for peer in PEERS if peer not in without]
    for work, shape in (("a", "fan_out"), ("b", "chain")):
        keep = _rate if shape == "fan_out" else _step
        for other in ["baton", *others]:
            yield Step(work, f"{other}.{shape}", _shape(other, shape, sizes), keep)
    yield Step("c", "baton.latency", _work("latency", "latency", sizes.latency, sizes.latency_seconds), _latency)
    yield Step("d", "baton.waiting_few", _work("waiting", "waiting", sizes.waiting_few), _rate)
    yield Step("d", "baton.waiting_many", _work("waiting", "waiting", sizes.waiting_many, drain), _waiting, times=1)
    yield Step("e", "baton.restart", _work("restart", "restart", sizes.restart), lambda sample: {"seconds": sample.seconds})
    queued = _work("cancel", "cancel_queued", sizes.cancel_queued)
    yield Step("f", "baton.cancel_queued", queued, lambda sample: {"seconds": sample.seconds})
    yield Step("f", "baton.cancel_running", _work("cancel", "cancel_running", sizes.cancel_running), _milliseconds)
    yield Step("g", "baton.urgent", _work("urgent", "urgent", sizes.urgent_behind, sizes.urgent), _urgent)
    for workers in sizes.scaling:
        yield Step("h", f"baton.scaling_{workers}", _work("scaling", "scaling", sizes.fan_out, workers), _scaling)


def record(step: Step, sample: Sample, results: Results) -> None:
    for name, value in step.keep(sample).items():
        results.add(f"{step.name}.{name}", value)


def settings(without: set[str]) -> dict[str, str]:
    """How each of the others is configured, in their modules' words."""
    found = {}
    for name in ["limit", *(f"peers.{peer}_peer" for peer in PEERS)]:
        short = name.removeprefix("peers.").removesuffix("_peer")
        if short not in without:
            try:
                found[short] = str(getattr(import_module(f"comparison.{name}"), "settings", "not stated"))
            except Exception as error:
                found[short] = f"not there: {error}"
    return found


def _work(module: str, function: str, *arguments: object) -> Measure:
    return lambda environment: getattr(import_module(f"comparison.works.{module}"), function)(environment, *arguments)


def _shape(who: str, shape: str, sizes: Sizes) -> Measure:
    tasks = getattr(sizes, f"apflow_{shape}" if who == "apflow" else shape)
    if who == "baton":
        return _work(shape, shape, tasks)
    if who in LIMITS:
        function = f"{who}_fan_out" if shape == "fan_out" else f"{who}_round_trip"
        return lambda environment: getattr(import_module("comparison.limit"), function)(environment, tasks)
    return lambda environment: getattr(import_module(f"comparison.peers.{who}_peer"), shape)(environment, tasks)


def _numbers(sample: Sample) -> dict[str, float]:
    return {name: float(value) for name, value in sample.extra.items() if not isinstance(value, str)}


def _rate(sample: Sample) -> dict[str, float]:
    return {"rate": sample.rate, **_numbers(sample)}


def _step(sample: Sample) -> dict[str, float]:
    return {"step_ms": sample.step * 1e3, **_numbers(sample)}


def _milliseconds(sample: Sample) -> dict[str, float]:
    """What is in microseconds."""
    return {name.removesuffix("_us") + "_ms": value / 1e3 for name, value in _numbers(sample).items() if name.endswith("_us")}


def _latency(sample: Sample) -> dict[str, float]:
    return {"greatest_rate": float(sample.extra["greatest_rate"]), **_milliseconds(sample)}


def _waiting(sample: Sample) -> dict[str, float]:
    numbers = _numbers(sample)
    return {
        "rate": sample.rate, "early_rate": numbers["early_rate"], "accepted_s": numbers["accepted_seconds"],
        "accepted_peak_mib": numbers["accepted_peak_memory_bytes"] / 2**20, "peak_mib": numbers["peak_memory_bytes"] / 2**20,
        "drained": sample.tasks,
    }


def _urgent(sample: Sample) -> dict[str, float]:
    return {"excess_ms": float(sample.extra["greatest_excess_ms"]), "median_wait_ms": float(sample.extra["median_wait_ms"])}


def _scaling(sample: Sample) -> dict[str, float]:
    return {"rate": sample.rate, **_numbers(sample)}
