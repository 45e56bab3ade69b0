"""Celery: a chord and a chain."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path

from celery import Celery, chain as celery_chain, chord

from comparison.environment import ROOT, Environment
from comparison.peers import celery_tasks
from comparison.peers.usage import Usage
from comparison.process import Process
from comparison.sample import Sample, expect

name = "Celery"
CONCURRENCY = 1
"""Child processes of each worker: no-ops use the processor only, and there are as many workers as processors."""
PATIENCE = 600

settings = (
    f"2 prefork workers of concurrency {CONCURRENCY}, prefetch 64; RabbitMQ as broker with quorum queues, persistent messages and confirms; "
    "Redis as result backend (appendonly, everysec); acks_late, reject_on_worker_lost"
)


def version() -> str:
    return metadata.version("celery")


def fan_out(environment: Environment, tasks: int) -> Sample:
    """A chord of so many tasks that do nothing, whose callback counts their results."""
    with _workers(environment) as (app, usage):
        expect(_chord(app, 50), 50, "results that the callback of the warm-up has counted")
        usage.start()
        start = time.perf_counter()
        counted = _chord(app, tasks)
        seconds = time.perf_counter() - start
        expect(counted, tasks, "results that the callback has counted")
        return Sample(seconds, tasks, usage.figures())


def chain(environment: Environment, tasks: int) -> Sample:
    """So many tasks one after the other, each of which adds 1 to the result of the one before."""
    with _workers(environment) as (app, usage):
        expect(_chain(app, 20), 20, "the result of the warm-up")
        usage.start()
        start = time.perf_counter()
        result = _chain(app, tasks)
        seconds = time.perf_counter() - start
        expect(result, tasks, "the result of the chain")
        return Sample(seconds, tasks, usage.figures())


def _chord(app: Celery, tasks: int) -> int:
    nothing, count = app.tasks["nothing"], app.tasks["count"]
    return chord(nothing.s() for _ in range(tasks))(count.s()).get(timeout=PATIENCE)


def _chain(app: Celery, tasks: int) -> int:
    add_one = app.tasks["add_one"]
    steps = [add_one.s(0)] + [add_one.s() for _ in range(tasks - 1)]
    return celery_chain(*steps).apply_async().get(timeout=PATIENCE)


@contextmanager
def _workers(environment: Environment) -> Iterator[tuple[Celery, Usage]]:
    environment.flush_redis()
    with environment.virtual_host("celery") as url, ExitStack() as stack:
        variables = {
            celery_tasks.AMQP_URL: url, celery_tasks.REDIS_URL: environment.redis_url, "PYTHONPATH": str(ROOT / "Benchmarks"),
            "C_FORCE_ROOT": "1",  # no warning in containers, where one often is root
        }
        workers = []
        for number in range(environment.workers):
            command: list[str | Path] = [environment.python, "-m", "celery", "-A", "comparison.peers.celery_tasks", "worker"]
            command += ["--pool", "prefork", "--concurrency", str(CONCURRENCY), "--hostname", f"worker{number}@%h"]
            command += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
            workers.append(stack.enter_context(Process(command, environment.log("celery-worker"), variables, environment.folder)))
        for worker in workers:
            worker.wait_for(celery_tasks.READY, 60)
        app = celery_tasks.application(url, environment.redis_url)
        stack.callback(app.close)
        yield app, Usage(environment, workers)
