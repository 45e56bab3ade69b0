"""What all faults have in common."""

import random
from typing import ClassVar

from chaos.cluster import Cluster
from chaos.ledger import Ledger
from chaos.proxy import Proxy


class Fault:
    """Happens once. `strike` returns when its cause is gone: from then on the cluster has to recover by itself."""

    name: ClassVar[str]
    touches: ClassVar[frozenset[str]]
    """What it uses up: two faults at the same time touch different things."""
    weight: ClassVar[int] = 3
    """How often it is drawn, beside others."""
    is_kill: ClassVar[bool] = False
    """Whether a SIGKILL is all that it is."""

    def __init__(self, cluster: Cluster, ledger: Ledger, producers: list[Proxy], random: random.Random) -> None:
        self.cluster = cluster
        self.ledger = ledger
        self.producers = producers
        """The proxies of the programs that submit over AMQP."""
        self.random = random
        self.kills = 0
        """Processes that it has killed."""

    def strike(self) -> str:
        """Returns what was done, for the report."""
        raise NotImplementedError
