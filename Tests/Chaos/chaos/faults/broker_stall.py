"""SIGSTOP of the broker, and SIGCONT."""

import signal
import time

from chaos.faults.fault import Fault


class BrokerStall(Fault):
    name = "broker-stall"
    touches = frozenset({"broker"})
    weight = 2

    def strike(self) -> str:
        seconds = self.random.choice([1, 5, 15])
        self.cluster.broker.signal(signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            self.cluster.broker.signal(signal.SIGCONT)
        return f"for {seconds} s"
