"""(g) An urgent task behind thousands of normal ones: how long until it starts."""

import time
from datetime import datetime
from typing import Any

from comparison.cluster import Cluster, cluster
from comparison.environment import Environment
from comparison.sample import Sample, WrongResult, expect
from comparison.works.documents import independent

LENGTH = 0.05
"""Seconds that a normal task takes."""
SLOTS = 2
"""Of the only worker, so that an urgent task nearly always has to wait for a slot."""
URGENT = b'{"name":"urgent","tasks":[{"id":"u","handler":"core.noop","priority":0}]}'


def urgent(environment: Environment, tasks: int, repetitions: int) -> Sample:
    """Submits urgent tasks one after the other while the normal ones run.

    Measured is the time from before the submission to the start as the worker reports it, in whole milliseconds, less the length of
    one normal task. Both clocks are the machine's. `extra`: `greatest_excess_ms`, `median_wait_ms`.
    """
    with cluster(environment, 1, SLOTS) as baton:
        normal = baton.submit(independent(tasks, "core.sleep", "normal", f',"inputs":{{"seconds":{LENGTH}}}'))
        _await_start(baton, normal)
        begin = time.monotonic()
        waits = []
        for number in range(repetitions):
            time.sleep(0.2 + LENGTH * (number * 0.618 % 1))  # meets the normal tasks at another point each time
            waits.append(_wait(baton))
        seconds = time.monotonic() - begin
        view = baton.call("GET", f"/v1/runs/{normal}")
        if view["counts"].get("queued", 0) < tasks / 20:
            raise WrongResult(f"the normal tasks were nearly done before the last urgent one came: {view['counts']}")
        expect(view["total"], tasks, "normal tasks")
        baton.check_handler("core.noop", repetitions)
        baton.call("POST", f"/v1/runs/{normal}/cancel")
        counts = baton.await_end(normal, seconds=60)["counts"]
        expect(sum(counts.values()), tasks, f"completed and cancelled tasks of {counts}")
        expect(counts.keys() <= {"completed", "cancelled"}, True, f"nothing but completed and cancelled tasks in {counts}")
        waits.sort()
        extra = {
            "greatest_excess_ms": (waits[-1] - LENGTH) * 1e3, "median_wait_ms": waits[len(waits) // 2] * 1e3,
            "greatest_wait_ms": waits[-1] * 1e3,
        }
        return Sample(seconds, repetitions, extra)


def _wait(baton: Cluster) -> float:
    """Seconds between the submission of an urgent task and its start."""
    begin = time.time()
    run = baton.submit(URGENT)
    baton.await_end(run, seconds=60)
    task = baton.call("GET", f"/v1/runs/{run}/tasks/u")
    expect((task["status"], task["attempts"]), ("completed", 1), "the urgent task")
    return _seconds(task["startedAt"]) - begin


def _seconds(moment: Any) -> float:
    """Since 1970, of a time as the HTTP API writes it."""
    return datetime.fromisoformat(str(moment).replace("Z", "+00:00")).timestamp()


def _await_start(baton: Cluster, run: str) -> None:
    deadline = time.monotonic() + 60
    while not baton.call("GET", f"/v1/runs/{run}")["counts"].get("completed"):
        if time.monotonic() > deadline:
            raise WrongResult("no normal task had completed after 60 s")
        time.sleep(0.02)
