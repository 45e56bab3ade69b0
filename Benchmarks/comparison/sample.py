"""What one run has measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class WrongResult(Exception):
    """A run lost a task, did one twice, or computed something else: it has no figure."""


@dataclass(frozen=True)
class Sample:
    """So many tasks in so many seconds, all of them checked."""

    seconds: float
    """From the first call that hands over work to the moment at which the last result is known."""
    tasks: int
    extra: Mapping[str, float | int | str] = field(default_factory=dict)
    """Further figures, the unit at the end of the name: `broker_cpu_seconds`, `median_us`."""

    @property
    def rate(self) -> float:
        """Tasks a second."""
        return self.tasks / self.seconds

    @property
    def step(self) -> float:
        """Seconds a task, where each had to wait for the one before."""
        return self.seconds / self.tasks


def expect(found: object, wanted: object, what: str) -> None:
    """Raises `WrongResult` where a run did something else than it was asked for."""
    if found != wanted:
        raise WrongResult(f"{what}: {found!r} instead of {wanted!r}")
