"""Programs that submit work all the time, over HTTP and over AMQP, and cancel some of it."""

import json
import random
import threading
import time
from collections.abc import Callable

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

from chaos.api import API, Refused, Unreachable
from chaos.cluster import NAMESPACE, Cluster
from chaos.documents import Author
from chaos.ledger import Ledger, Submission
from chaos.proxy import Proxy

CANCELLED = 0.12
"""Part of the runs that is cancelled."""
TWICE = 0.2
"""Part of the submissions that is sent again under the same key."""
CUT_OFF = (AMQPError, AMQPConnectorException, OSError, AttributeError, AssertionError, ValueError, IndexError)
"""What pika raises where a connection ends or is not made in time; some of it from within itself."""


class Producer(threading.Thread):
    """One program. It sends each submission again until it knows that it is accepted."""

    way = ""

    def __init__(self, name: str, cluster: Cluster, ledger: Ledger, seed: int, pause: float) -> None:
        super().__init__(name=name, daemon=True)
        self.cluster = cluster
        self.ledger = ledger
        self.random = random.Random(f"{seed} {name}")
        self.author = Author(self.random, str(cluster.effect))
        self.pause = pause
        self.is_over = threading.Event()
        """Nothing new is to be submitted."""
        self.is_abandoned = threading.Event()
        """What is not accepted by now never will be."""
        self.error: str | None = None
        """Why it ended before it was told to."""

    def run(self) -> None:
        try:
            self.produce()
        except Exception as error:  # whatever it is, less was submitted than is said
            self.error = f"the producer {self.name} has ended by itself: {error!r}"

    def produce(self) -> None:
        number = 0
        while not self.is_over.wait(self.random.uniform(0.2, 1.8) * self.pause):
            number += 1
            submission = Submission(self.author.plan(f"{self.name}-{number}"), self.way, time.time())
            self.ledger.add(submission)
            self.submit(submission)
        self.close()

    def submit(self, submission: Submission) -> None:
        raise NotImplementedError

    def close(self) -> None:
        pass

    def insist(self, attempt: Callable[[], bool]) -> bool:
        """Tries until it succeeds."""
        pause = 0.2
        while not attempt():
            if self.is_abandoned.wait(pause):
                return False
            pause = min(2, pause * 1.5)
        return True


class HTTPProducer(Producer):
    way = "http"

    def __init__(self, name: str, cluster: Cluster, ledger: Ledger, seed: int, pause: float) -> None:
        super().__init__(name, cluster, ledger, seed, pause)
        self.api = API(cluster.http_port, limit=15)

    def submit(self, submission: Submission) -> None:
        times = 2 if self.random.random() < TWICE else 1
        for _ in range(times):
            if not self.insist(lambda: self.send(submission)):
                return
        if self.random.random() < CANCELLED and submission.runs:
            self.is_over.wait(self.random.choice([0, 0.1, 0.5, 1.5]))
            self.insist(lambda: self.cancel(submission))

    def send(self, submission: Submission) -> bool:
        submission.sent += 1
        try:
            answer = self.api.submit(submission.plan.document, key=submission.token)
        except Unreachable:
            return False
        except Refused as refusal:
            if refusal.status < 500:
                submission.surprise = f"refused: {refusal}"
                return True
            return False
        submission.accepted_at = submission.accepted_at or time.time()
        submission.runs.add(answer["id"])
        return True

    def cancel(self, submission: Submission) -> bool:
        submission.cancel_sent_at = submission.cancel_sent_at or time.time()
        begin = time.monotonic()
        try:
            answer = self.api.post(f"/v1/runs/{min(submission.runs)}/cancel", {"reason": "chaos"})
        except Unreachable:
            return False
        except Refused as refusal:
            if refusal.status < 500:
                submission.surprise = f"cancel refused: {refusal}"
                return True
            return False
        submission.cancel_took = time.monotonic() - begin
        submission.cancelled_at = time.time()
        submission.cancel_outcome = answer["outcome"]
        return True


class AMQPProducer(Producer):
    """Publishes with a message id, mandatory and confirmed, through a proxy of its own."""

    way = "amqp"

    def __init__(self, name: str, cluster: Cluster, ledger: Ledger, seed: int, pause: float) -> None:
        super().__init__(name, cluster, ledger, seed, pause)
        self.proxy = Proxy(cluster.broker.port)
        self.connection: pika.BlockingConnection | None = None

    def submit(self, submission: Submission) -> None:
        times = 2 if self.random.random() < TWICE else 1
        for _ in range(times):
            if not self.insist(lambda: self.send(submission)):
                return

    def send(self, submission: Submission) -> bool:
        submission.sent += 1
        # A publication that nobody answers would wait for ever: then the connection is cut.
        watch = threading.Timer(20, self.proxy.cut, (1.0, self.random))
        watch.start()
        try:
            self.channel().basic_publish(
                f"{NAMESPACE}.submit", "-.chaos", json.dumps(submission.plan.document).encode(),
                pika.BasicProperties(
                    type="graph", content_type="application/json", message_id=submission.token, correlation_id=submission.token,
                    delivery_mode=2),
                mandatory=True)
        except CUT_OFF:
            self.close()
            return False
        finally:
            watch.cancel()
        submission.accepted_at = submission.accepted_at or time.time()
        return True

    def channel(self) -> pika.adapters.blocking_connection.BlockingChannel:
        if self.connection is None or not self.connection.is_open:
            self.connection = pika.BlockingConnection(
                pika.ConnectionParameters(
                    "127.0.0.1", self.proxy.port, heartbeat=0, socket_timeout=5, stack_timeout=10, blocked_connection_timeout=15))
            self._channel = self.connection.channel()
            self._channel.confirm_delivery()
        return self._channel

    def close(self) -> None:
        try:
            if self.connection is not None and self.connection.is_open:
                self.connection.close()
        except CUT_OFF:
            pass
        self.connection = None


class Workload:
    def __init__(self, cluster: Cluster, ledger: Ledger, seed: int, rate: float) -> None:
        """`rate`: submissions a second, over all producers."""
        kinds = [HTTPProducer, HTTPProducer, HTTPProducer, AMQPProducer]
        self.producers: list[Producer] = [
            kind(f"{kind.way}{number}", cluster, ledger, seed, len(kinds) / rate) for number, kind in enumerate(kinds)]

    @property
    def proxies(self) -> list[Proxy]:
        return [producer.proxy for producer in self.producers if isinstance(producer, AMQPProducer)]

    def start(self) -> None:
        for producer in self.producers:
            producer.start()

    def finish(self, limit: float) -> None:
        """What was begun is submitted until it is accepted, for at most so many seconds."""
        for producer in self.producers:
            producer.is_over.set()
        deadline = time.monotonic() + limit
        for producer in self.producers:
            producer.join(max(0.1, deadline - time.monotonic()))
        for producer in self.producers:
            producer.is_abandoned.set()
        for producer in self.producers:
            producer.join(30)
        for proxy in self.proxies:
            proxy.close()

    def send_again(self, submission: Submission) -> None:
        """As a producer does that hears that the broker has lost its disk: the same message once more."""
        again = next(producer for producer in self.producers if isinstance(producer, AMQPProducer))
        again.proxy = Proxy(again.cluster.broker.port)
        again.is_abandoned.clear()
        end = threading.Timer(60, again.is_abandoned.set)
        end.start()
        try:
            again.insist(lambda: again.send(submission))
            again.close()
        finally:
            end.cancel()
            again.proxy.close()
