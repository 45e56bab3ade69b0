"""SIGKILL of workers."""

import time

from chaos.faults.fault import Fault


class WorkerKill(Fault):
    name = "worker-kill"
    touches = frozenset({"workers"})
    weight = 5
    is_kill = True

    def strike(self) -> str:
        with self.cluster.lock:
            count = self.random.choice([1, 1, 1, 2, len(self.cluster.workers)])
            chosen = self.random.sample(self.cluster.workers, min(count, len(self.cluster.workers)))
            for worker in chosen:
                worker.kill()
                self.kills += 1
        time.sleep(self.random.choice([0, 0.5, 2]))
        for worker in chosen:
            self.cluster.replace(worker)
        return f"{len(chosen)} killed and replaced"
