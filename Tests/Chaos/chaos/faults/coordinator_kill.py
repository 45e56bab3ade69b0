"""SIGKILL of the coordinator."""

import time

from chaos.faults.fault import Fault


class CoordinatorKill(Fault):
    name = "coordinator-kill"
    touches = frozenset({"coordinator"})
    weight = 5
    is_kill = True

    def strike(self) -> str:
        times = self.random.choice([1, 1, 1, 3])
        for number in range(times):
            self.cluster.coordinator.kill()
            self.kills += 1
            time.sleep(self.random.choice([0, 0, 1, 5]))
            self.cluster.launch_coordinator()
            if number + 1 < times:
                # The next one hits it while it recovers.
                time.sleep(self.random.uniform(0.1, 2))
        return f"killed {times} times"
