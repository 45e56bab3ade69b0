"""What was accepted, and what has ended."""

import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Open:
    status: str
    """As which it should end."""
    due: float | None
    """The moment from which its time counts, of the monotonic clock; `None` where it doesn't."""


class Ledger:
    """Holds open runs only: it doesn't grow with what is over."""

    MOST_SURPRISES = 50

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Open] = {}
        self._ends: dict[str, tuple[str, float]] = {}
        """Heard of before the answer to their submission; or a second time."""
        self._times: list[float] = []
        self.accepted = 0
        self.ended = 0
        self.surprises: list[str] = []

    def accept(self, run: str, status: str, due: float | None) -> None:
        with self._lock:
            self.accepted += 1
            self._open[run] = Open(status, due)
            if end := self._ends.pop(run, None):
                self._close(run, *end)

    def end(self, run: str, status: str) -> None:
        at = time.monotonic()
        with self._lock:
            if run in self._open:
                self._close(run, status, at)
                return
            self._ends[run] = (status, at)
            if len(self._ends) > 10_000:
                # Those of answers that never came.
                self._ends = {run: end for run, end in self._ends.items() if at - end[1] < 60}

    def _close(self, run: str, status: str, at: float) -> None:
        order = self._open.pop(run)
        self.ended += 1
        if order.due is not None:
            self._times.append(at - order.due)
        if status != order.status:
            self._surprise(f"run {run} has ended as {status} instead of {order.status}")

    def surprise(self, sentence: str) -> None:
        with self._lock:
            self._surprise(sentence)

    def _surprise(self, sentence: str) -> None:
        if len(self.surprises) < self.MOST_SURPRISES:
            self.surprises.append(sentence)

    @property
    def open(self) -> list[str]:
        with self._lock:
            return list(self._open)

    def take_times(self) -> list[float]:
        """Seconds from when each was due to when its end was heard of, of those that have ended since the last call."""
        with self._lock:
            times, self._times = self._times, []
            return times
