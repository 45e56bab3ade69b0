"""The broker comes back empty: its data folder is removed while it is down."""

import time

from chaos.faults.fault import Fault


class BrokerWipe(Fault):
    name = "broker-wipe"
    touches = frozenset({"broker"})
    weight = 2

    def strike(self) -> str:
        self.cluster.broker.kill()
        self.kills += 1
        # What it had confirmed until now is gone, and nobody but its producers can know of it.
        self.ledger.wiped(time.time(), "all")
        self.cluster.broker.forget_data()
        self.cluster.broker.restart()
        return "killed, emptied and started again"
