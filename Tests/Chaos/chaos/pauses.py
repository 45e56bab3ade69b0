"""Times in which this machine, or somebody, kept these programs from running: what was measured then says nothing."""

import threading
import time
from dataclasses import dataclass

TICK = 0.2
LONGEST = 1.5
"""Seconds between two ticks that a busy machine may make of it."""


@dataclass(frozen=True)
class Pause:
    began: float
    ended: float


class Pauses:
    """Watched from when it is made, by a clock that stands still while this process does."""

    def __init__(self) -> None:
        self._pauses: list[Pause] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        last = time.time()
        while True:
            time.sleep(TICK)
            now = time.time()
            if now - last > LONGEST:
                with self._lock:
                    self._pauses.append(Pause(last, now))
            last = now

    @property
    def all(self) -> list[Pause]:
        with self._lock:
            return list(self._pauses)

    def meets(self, began: float, ended: float) -> bool:
        """Whether there was one in this time."""
        return any(pause.began < ended and pause.ended > began for pause in self.all)


PAUSES = Pauses()
