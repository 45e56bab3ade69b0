"""SIGSTOP of the coordinator, and SIGCONT."""

import time

from chaos.faults.fault import Fault


class CoordinatorStall(Fault):
    name = "coordinator-stall"
    touches = frozenset({"coordinator"})
    weight = 3

    def strike(self) -> str:
        seconds = self.random.choice([1, 5, 15])
        self.cluster.coordinator.stall()
        try:
            time.sleep(seconds)
        finally:
            self.cluster.coordinator.go_on()
        return f"for {seconds} s"
