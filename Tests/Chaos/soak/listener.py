"""Hears how runs end, from the topic exchange of events."""

import json
import threading

import pika
from pika.exceptions import AMQPError

from soak.cluster import NAMESPACE, Cluster
from soak.ledger import Ledger


class Listener(threading.Thread):
    def __init__(self, cluster: Cluster, ledger: Ledger) -> None:
        """Listens when it returns."""
        super().__init__(name="listener", daemon=True)
        self.ledger = ledger
        self.error: str | None = None
        self._is_over = False
        self._connection = pika.BlockingConnection(pika.URLParameters(cluster.broker.url))
        self._channel = self._connection.channel()
        self._queue = self._channel.queue_declare("", exclusive=True).method.queue
        for status in ("completed", "failed", "cancelled"):
            self._channel.queue_bind(self._queue, f"{NAMESPACE}.events", routing_key=f"run.soak.*.{status}")

    def run(self) -> None:
        try:
            for _, _, body in self._channel.consume(self._queue, auto_ack=True, inactivity_timeout=0.5):
                if body is not None:
                    event = json.loads(body)
                    self.ledger.end(event["run"], event["type"].rpartition(".")[2])
                if self._is_over:
                    break
            self._connection.close()
        except (AMQPError, OSError) as error:
            self.error = f"the listener to events was cut off: {error!r}"

    def stop(self) -> None:
        self._is_over = True
        self.join(10)
