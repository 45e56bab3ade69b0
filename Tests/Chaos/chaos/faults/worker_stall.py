"""SIGSTOP of a worker, and SIGCONT: shorter or longer than the broker stands."""

import time

from chaos.faults.fault import Fault


class WorkerStall(Fault):
    name = "worker-stall"
    touches = frozenset({"workers"})
    weight = 4

    def strike(self) -> str:
        worker = self.random.choice(self.cluster.workers)
        seconds = self.random.choice([1, 5, 15, 20])
        worker.stall()
        try:
            time.sleep(seconds)
        finally:
            worker.go_on()
        return f"one for {seconds} s"
