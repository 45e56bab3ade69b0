"""A network that passes nothing on for a while, and accepts everything."""

import time

from chaos.faults.fault import Fault


class ConnectionsHold(Fault):
    name = "connections-hold"
    touches = frozenset({"network"})
    weight = 2

    def strike(self) -> str:
        seconds = self.random.choice([2, 8, 20])
        self.cluster.proxy.hold()
        try:
            time.sleep(seconds)
        finally:
            self.cluster.proxy.let_go()
        return f"for {seconds} s"
