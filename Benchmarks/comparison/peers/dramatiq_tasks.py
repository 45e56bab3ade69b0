"""The Dramatiq application that is measured, as its workers import it."""

import mmap
import os
from pathlib import Path

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.middleware import Middleware
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

READY = "the worker takes tasks"
AMQP_URL = "COMPARISON_AMQP_URL"
REDIS_URL = "COMPARISON_REDIS_URL"
MARKS = "COMPARISON_MARKS"


class Marks:
    """A file with one byte a task, in the memory of all processes, which says how often each has run."""

    def __init__(self, path: Path, tasks: int | None = None) -> None:
        """`tasks` makes the file anew."""
        if tasks is not None:
            path.write_bytes(bytes(tasks))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), 0)

    def add(self, task: int) -> None:
        self._bytes[task] += 1

    def once(self) -> int:
        """How many have run exactly once."""
        return self._bytes[:].count(1)


class Announce(Middleware):
    """Prints a line when a worker process is about to take tasks."""

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        print(READY, flush=True)


class Application:
    """The broker as Dramatiq's documentation advises where nothing may be lost; results only for what asks for them."""

    def __init__(self, amqp_url: str, redis_url: str, marks: Marks) -> None:
        self.broker = RabbitmqBroker(url=amqp_url, confirm_delivery=True)
        self.broker.add_middleware(Announce())
        self.broker.add_middleware(Results(backend=RedisBackend(url=redis_url)))

        @dramatiq.actor(broker=self.broker, actor_name="nothing")
        def nothing(task: int) -> None:
            marks.add(task)

        @dramatiq.actor(broker=self.broker, actor_name="add_one", store_results=True)
        def add_one(value: int) -> int:
            return value + 1

        self.nothing, self.add_one = nothing, add_one


if AMQP_URL in os.environ:
    application = Application(os.environ[AMQP_URL], os.environ[REDIS_URL], Marks(Path(os.environ[MARKS])))
    broker = application.broker
