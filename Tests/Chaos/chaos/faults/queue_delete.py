"""A queue is deleted under its consumers, with what is in it."""

import time

from chaos.cluster import NAMESPACE, QUEUE
from chaos.faults.fault import Fault

QUEUES = [f"{NAMESPACE}.tasks.{QUEUE}.p{priority}" for priority in range(4)] + [f"{NAMESPACE}.reports.0", f"{NAMESPACE}.submit"]


class QueueDelete(Fault):
    name = "queue-delete"
    touches = frozenset({"broker"})
    weight = 3

    def strike(self) -> str:
        queue = self.random.choice(QUEUES)
        delete(self, queue)
        return queue


def delete(fault: Fault, queue: str) -> None:
    connection = fault.cluster.broker.connection()
    try:
        connection.channel().queue_delete(queue)
    finally:
        if queue.endswith(".submit"):
            fault.ledger.wiped(time.time(), queue)
        connection.close()
