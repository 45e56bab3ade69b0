"""The broker's memory alarm: it takes nothing from whoever publishes."""

import time

from chaos.faults.fault import Fault


class MemoryAlarm(Fault):
    name = "memory-alarm"
    touches = frozenset({"broker"})
    weight = 2

    def strike(self) -> str:
        seconds = self.random.choice([3, 10])
        self.cluster.broker.control("set_vm_memory_high_watermark", "0.00001")
        try:
            time.sleep(seconds)
        finally:
            self.cluster.broker.control("set_vm_memory_high_watermark", "0.4")
        return f"for {seconds} s"
