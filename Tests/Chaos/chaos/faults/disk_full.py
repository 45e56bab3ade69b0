"""The coordinator's disk is full for a while."""

import time

from chaos.faults.fault import Fault


class DiskFull(Fault):
    name = "disk-full"
    touches = frozenset({"coordinator"})
    weight = 3

    def strike(self) -> str:
        seconds = self.random.choice([2, 6, 12])
        self.cluster.store.fill(self.cluster.coordinator.id)
        try:
            time.sleep(seconds)
        finally:
            self.cluster.store.free(self.cluster.coordinator.id)
        return f"for {seconds} s, by {self.cluster.store.way}"
