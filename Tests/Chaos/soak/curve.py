"""One figure over time: whether it grows."""

from dataclasses import dataclass, field
from statistics import median

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Limit:
    """By how much the second half may be above the first: a part of it, or this much where that is more."""

    share: float
    least: float

    def allowed(self, level: float) -> float:
        return max(self.least, self.share * abs(level))


MEMORY = Limit(0.06, 6 * MEBIBYTE)
BROKER_MEMORY = Limit(0.15, 48 * MEBIBYTE)
COUNT = Limit(0.1, 4)
ROWS = Limit(0.1, 2000)
FILE = Limit(0.1, 8 * MEBIBYTE)
LOG = Limit(0.2, 32 * MEBIBYTE)
MIDDLE = Limit(0.25, 0.005)
TAIL = Limit(0.5, 0.1)


@dataclass
class Curve:
    name: str
    unit: str
    """`bytes`, `seconds`, or nothing for a number."""
    limit: Limit | None
    """`None` where it is only shown."""
    points: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the load's beginning, and the value."""


@dataclass(frozen=True)
class Trend:
    first: float
    """Median of the first half after the warm-up."""
    second: float
    slope: float
    """An hour; the median of the slopes between points of the one half and of the other, which single peaks don't move."""
    allowed: float
    grows: bool
    noticed: float
    """The least slope an hour that would have been called growth."""


def trend(curve: Curve, warm: float, end: float) -> Trend | None:
    """`None` where there are too few points."""
    middle = (warm + end) / 2
    first = [point for point in curve.points if warm <= point[0] < middle]
    second = [point for point in curve.points if middle <= point[0] <= end]
    if min(len(first), len(second)) < 3:
        return None
    slopes = [(y2 - y1) / (x2 - x1) for x1, y1 in _thinned(first) for x2, y2 in _thinned(second)]
    before, after = median(y for _, y in first), median(y for _, y in second)
    limit = curve.limit or Limit(float("inf"), float("inf"))
    allowed = limit.allowed(before)
    return Trend(before, after, median(slopes) * 3600, allowed, after - before > allowed, allowed / (middle - warm) * 3600)


def _thinned(points: list[tuple[float, float]], most: int = 300) -> list[tuple[float, float]]:
    return points[:: 1 + len(points) // most]


def shown(value: float, unit: str, signed: bool = False) -> str:
    """For people."""
    sign = "+" if signed else ""
    match unit:
        case "bytes":
            return f"{value / MEBIBYTE:{sign}.1f} MiB"
        case "seconds":
            return f"{value * 1000:{sign}.1f} ms"
        case _:
            return f"{value:{sign},.0f}" if abs(value) >= 100 or value == int(value) else f"{value:{sign}.1f}"
