"""What the rounds have measured, and why something could not be."""

import statistics
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Series:
    """One figure, of all rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def document(self) -> dict[str, object]:
        return {"median": self.median, "least": min(self.values), "greatest": max(self.values), "rounds": list(self.values)}


@dataclass
class Results:
    """By the figure's name, which begins with who was measured: `celery.fan_out.rate`."""

    values: dict[str, list[float]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    """By the beginning of the names of the figures that are missing: `celery.fan_out`."""

    def add(self, name: str, value: float) -> None:
        self.values.setdefault(name, []).append(float(value))

    def fail(self, name: str, reason: str) -> None:
        self.failures.setdefault(name, reason)

    def series(self, name: str) -> Series | None:
        """None where a round of it failed: then the others are no figure either."""
        if self.failure(name) is not None or name not in self.values:
            return None
        return Series(tuple(self.values[name]))

    def failure(self, name: str) -> str | None:
        """Why there is no such figure; None where there is, or where it was not asked for."""
        return next((reason for key, reason in self.failures.items() if name.startswith(key + ".")), None)
