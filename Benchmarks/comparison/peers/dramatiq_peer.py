"""Dramatiq: tasks without results, and a pipeline."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from dramatiq import pipeline

from comparison.environment import ROOT, Environment
from comparison.peers import dramatiq_tasks
from comparison.peers.dramatiq_tasks import Application, Marks
from comparison.peers.usage import Usage
from comparison.process import Process, ProcessFailed
from comparison.sample import Sample, expect

name = "Dramatiq"
THREADS = 8
WARM_UP = 50
LONGEST = 400
"""Tasks of a pipeline: the messages of those to come are within one another, and at some 500 Python's JSON gives up."""
PATIENCE = 600

settings = (
    f"2 worker processes of {THREADS} threads, its default, prefetch {2 * THREADS}; RabbitMQ as broker with its durable classic queues, "
    "persistent messages and confirm_delivery; no results but in the pipeline (Redis). Each task marks its byte in memory that the "
    "processes share, by which each is seen to have run exactly once; nothing waits for results. "
    f"A pipeline has at most {LONGEST} tasks, as the messages of longer ones nest too deeply for Python's JSON"
)


def version() -> str:
    return metadata.version("dramatiq")


def fan_out(environment: Environment, tasks: int) -> Sample:
    """So many tasks that do nothing: from the first one sent until all have run. Nothing comes back, as nothing joins them."""
    with _workers(environment, WARM_UP + tasks) as (application, marks, usage):
        for task in range(WARM_UP):
            application.nothing.send(task)
        _await(marks, WARM_UP)
        usage.start()
        start = time.perf_counter()
        for task in range(WARM_UP, WARM_UP + tasks):
            application.nothing.send(task)
        _await(marks, WARM_UP + tasks)
        seconds = time.perf_counter() - start
        figures = usage.figures()
    # All workers have ended: what has run twice has done so by now.
    expect(marks.once(), WARM_UP + tasks, "tasks that have run exactly once")
    return Sample(seconds, tasks, figures)


def chain(environment: Environment, tasks: int) -> Sample:
    """A pipeline of so many tasks, but of `LONGEST` at most, each of which adds 1 to the result of the one before."""
    tasks = min(tasks, LONGEST)
    with _workers(environment, 1) as (application, _, usage):
        expect(_pipeline(application, 20), 20, "the result of the warm-up")
        usage.start()
        start = time.perf_counter()
        result = _pipeline(application, tasks)
        seconds = time.perf_counter() - start
        expect(result, tasks, "the result of the pipeline")
        return Sample(seconds, tasks, usage.figures())


def _pipeline(application: Application, tasks: int) -> int:
    add_one = application.add_one
    steps = [add_one.message(0)] + [add_one.message() for _ in range(tasks - 1)]
    return pipeline(steps, broker=application.broker).run().get_result(block=True, timeout=PATIENCE * 1_000)


def _await(marks: Marks, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while marks.once() < count:
        if time.monotonic() > deadline:
            raise ProcessFailed(f"only {marks.once()} of {count} tasks had run exactly once after {PATIENCE} s")
        time.sleep(0.001)


@contextmanager
def _workers(environment: Environment, tasks: int) -> Iterator[tuple[Application, Marks, Usage]]:
    environment.flush_redis()
    log = environment.log("dramatiq-worker")
    path = log.with_suffix(".marks")
    marks = Marks(path, tasks)
    with environment.virtual_host("dramatiq") as url:
        variables = {
            dramatiq_tasks.AMQP_URL: url, dramatiq_tasks.REDIS_URL: environment.redis_url, dramatiq_tasks.MARKS: str(path),
            "PYTHONPATH": str(ROOT / "Benchmarks"),
        }
        command: list[str | Path] = [environment.python, "-m", "dramatiq", "comparison.peers.dramatiq_tasks:broker"]
        command += ["--processes", str(environment.workers), "--threads", str(THREADS)]
        with Process(command, log, variables, environment.folder) as workers:
            workers.wait_for(dramatiq_tasks.READY, 60, times=environment.workers)
            application = Application(url, environment.redis_url, marks)
            try:
                yield application, marks, Usage(environment, [workers])
            finally:
                application.broker.close()
