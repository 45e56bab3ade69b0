"""What crosses TCP connections arrives late."""

import time

from chaos.faults.fault import Fault


class ConnectionsDelay(Fault):
    name = "connections-delay"
    touches = frozenset({"network"})

    def strike(self) -> str:
        delay = self.random.choice([0.05, 0.3, 1])
        self.cluster.proxy.delay = delay
        try:
            time.sleep(10)
        finally:
            self.cluster.proxy.delay = 0
        return f"{delay} s for 10 s"
