"""SIGKILL of the broker's Erlang VM; it comes back with its data."""

import time

from chaos.faults.fault import Fault


class BrokerKill(Fault):
    name = "broker-kill"
    touches = frozenset({"broker"})
    weight = 4
    is_kill = True

    def strike(self) -> str:
        self.cluster.broker.kill()
        self.kills += 1
        time.sleep(self.random.choice([0, 1, 5]))
        self.cluster.broker.restart()
        return "killed and started again"
