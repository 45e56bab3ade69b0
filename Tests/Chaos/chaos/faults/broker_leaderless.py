"""A queue that has lost its leader: RabbitMQ 3.10 can lose it for good where its only node is killed within about five seconds of the
queue's declaration."""

import time

from chaos.cluster import ClusterFailed, wait
from chaos.faults.fault import Fault
from chaos.faults.queue_delete import QUEUES, delete


class BrokerLeaderless(Fault):
    name = "broker-leaderless"
    touches = frozenset({"broker"})
    weight = 2

    def strike(self) -> str:
        queue = self.random.choice(QUEUES)
        delete(self, queue)
        try:
            took = wait("the queue's new declaration", 20, lambda: self.cluster.broker.has_queue(queue), 0.1)
        except ClusterFailed:
            return f"{queue} was not declared again within 20 s"
        self.cluster.broker.kill()
        self.kills += 1
        if queue.endswith(".submit"):
            self.ledger.wiped(time.time(), queue)
        self.cluster.broker.restart()
        return f"{queue}, declared again after {took:.1f} s, killed at once"
