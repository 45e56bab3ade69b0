"""Faults, one after the other or two at a time, as the seed has them."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from chaos.cluster import Cluster
from chaos.faults import KINDS, Fault
from chaos.ledger import Ledger
from chaos.proxy import Proxy

TOGETHER = 0.25
"""How often a second fault comes at the same time."""


@dataclass
class Strike:
    """One fault that has happened."""

    kind: str
    began: float
    ended: float
    what: str
    kills: int = 0
    """Processes that were killed for it."""
    recovery: float | None = None
    """Seconds from its end to the next completed task."""


class Storm:
    def __init__(
        self, cluster: Cluster, ledger: Ledger, producers: list[Proxy], seed: int, kinds: list[str], say: Callable[[str], None],
    ) -> None:
        self.cluster = cluster
        self.ledger = ledger
        self.producers = producers
        self.random = random.Random(seed)
        self.kinds = [KINDS[kind] for kind in kinds]
        self.say = say
        self.strikes: list[Strike] = []
        self.troubles: list[str] = []
        """Faults that could not be made."""

    def rage(self, minutes: float, kills: int) -> None:
        """Every kind once, in an order of the seed's, and then as they are drawn; kills alone while there have been too few of them
        for the time that has passed."""
        began = time.monotonic()
        deadline = began + minutes * 60
        first = self.random.sample(self.kinds, len(self.kinds))
        killers = [kind for kind in self.kinds if kind.is_kill]
        while time.monotonic() < deadline:
            is_behind = bool(killers) and self.kills < kills * (time.monotonic() - began) / (minutes * 60)
            kind = first.pop() if first else self.draw(killers if is_behind else self.kinds)
            chosen = [kind]
            others = [other for other in self.kinds if not other.touches & kind.touches]
            if others and not first and self.random.random() < TOGETHER:
                chosen.append(self.draw(others))
            # Drawn here, so that the order in which threads run makes no difference.
            faults = [kind(self.cluster, self.ledger, self.producers, random.Random(self.random.random())) for kind in chosen]
            pause = 1 if is_behind else self.random.choice([1, 3, 6, 10])
            threads = [threading.Thread(target=self.strike, args=(fault,), daemon=True) for fault in faults]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            time.sleep(pause)

    @property
    def kills(self) -> int:
        return sum(strike.kills for strike in self.strikes)

    def draw(self, kinds: list[type[Fault]]) -> type[Fault]:
        return self.random.choices(kinds, [kind.weight for kind in kinds])[0]

    def strike(self, fault: Fault) -> None:
        began = time.time()
        try:
            what = fault.strike()
        except Exception as error:  # whatever it is, the others go on, and it is reported
            self.troubles.append(f"{fault.name}: {type(error).__name__} {error}")
            self.say(f"{fault.name} could not be made: {error}")
            return
        strike = Strike(fault.name, began, time.time(), what, fault.kills)
        self.strikes.append(strike)
        self.say(f"{fault.name}: {what}")
