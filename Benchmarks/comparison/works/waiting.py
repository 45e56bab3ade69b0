"""(d) Very many tasks that wait to be started: what it takes to accept and to keep them, and how fast they drain."""

import time

from comparison.cluster import WARM_UP, Cluster, cluster, pause
from comparison.environment import Environment
from comparison.sample import Sample, WrongResult, expect
from comparison.works.documents import independent
from comparison.works.fan_out import SLOTS

EARLY = 60
"""Seconds of a drain for which the rate is also given alone."""
LISTED = 100_000
"""Up to so many tasks each is looked at afterwards; of more, the counts of the run and of the handler."""


def waiting(environment: Environment, tasks: int, seconds: float | None = None) -> Sample:
    """The tasks are submitted while their queue is paused. Measured is the time from its resumption to the end of the last task, or
    so many seconds of it.

    `extra`: `accepted_seconds`, from the beginning of the submission to its answer; `accepted_peak_memory_bytes` and
    `peak_memory_bytes`, the coordinator's largest resident set from its start to the acceptance and to the end of the drain;
    `early_rate`, completed tasks a second in the first minute.
    """
    document = independent(tasks, name="waiting")
    with cluster(environment, environment.workers, SLOTS) as baton:
        baton.warm_up()
        baton.call("POST", "/v1/queues/default/pause")
        begin = time.monotonic()
        run = baton.submit(document)
        accepted = time.monotonic() - begin
        del document
        accepted_peak = baton.coordinator.peak_memory()
        time.sleep(1)  # a task that ran in spite of the pause would be seen here
        expect(baton.call("GET", f"/v1/runs/{run}")["counts"], {"queued": tasks}, "tasks of a paused queue")
        begin = time.monotonic()
        baton.call("POST", "/v1/queues/default/resume")
        done, took, early = _drain(baton, run, tasks, begin, seconds)
        extra = {
            "accepted_seconds": accepted, "accepted_peak_memory_bytes": accepted_peak,
            "peak_memory_bytes": baton.coordinator.peak_memory(), "early_rate": early,
        }
        if done == tasks:
            _check(baton, run, tasks)
        return Sample(took, done, extra)


def _drain(baton: Cluster, run: str, tasks: int, begin: float, seconds: float | None) -> tuple[int, float, float]:
    """How many tasks completed, in how many seconds, and the rate of the first minute."""
    early = 0.0
    while True:
        view = baton.call("GET", f"/v1/runs/{run}")
        took = time.monotonic() - begin
        counts = view["counts"]
        if unexpected := counts.keys() - {"queued", "running", "completed"}:
            raise WrongResult(f"tasks became {', '.join(unexpected)}: {counts}")
        done = counts.get("completed", 0)
        if took <= EARLY or not early:
            early = done / took
        if view["status"] != "running" or (seconds is not None and took >= seconds):
            return done, took, early
        if took > 60 + tasks / 200:
            raise WrongResult(f"the run had not ended after {took:.0f} s: {counts}")
        time.sleep(pause(view, took))


def _check(baton: Cluster, run: str, tasks: int) -> None:
    if tasks <= LISTED:
        baton.check_completed(run, tasks)
    view = baton.call("GET", f"/v1/runs/{run}")
    expect((view["status"], view["total"], view["counts"]), ("completed", tasks, {"completed": tasks}), "the run's end")
    baton.check_handler("core.noop", WARM_UP + tasks)
