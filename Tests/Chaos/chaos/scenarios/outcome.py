"""What a scenario has shown."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any

from chaos.pauses import PAUSES


@dataclass
class Outcome:
    name: str
    promise: str
    seconds: list[float] = field(default_factory=list)
    """How long recovery took, each time."""
    limit: float | None = None
    """Within which the median has to be."""
    seen: dict[str, str] = field(default_factory=dict)
    """What a user sees, by where."""
    broken: list[str] = field(default_factory=list)

    def note(self, began: float, seconds: float) -> bool:
        """Keeps a figure, unless all stood still meanwhile. Returns whether it is kept."""
        if PAUSES.meets(began - 1, began + seconds):
            return False
        self.seconds.append(seconds)
        return True

    @property
    def is_kept(self) -> bool:
        return not self.broken and not self.is_slow

    @property
    def is_slow(self) -> bool:
        return self.limit is not None and (not self.seconds or median(self.seconds) > self.limit)

    @property
    def json(self) -> dict[str, Any]:
        return {
            "name": self.name, "promise": self.promise, "isKept": self.is_kept, "limit": self.limit,
            "seconds": [round(value, 3) for value in self.seconds],
            "median": round(median(self.seconds), 3) if self.seconds else None,
            "worst": round(max(self.seconds), 3) if self.seconds else None,
            "seen": self.seen, "broken": self.broken}

    @property
    def text(self) -> str:
        figures = f"median {median(self.seconds):.2f} s, worst {max(self.seconds):.2f} s of {len(self.seconds)}" if self.seconds else "no figures"
        lines = [f"{'kept  ' if self.is_kept else 'BROKEN'}  {self.name}: {self.promise}: {figures}"]
        if self.is_slow:
            lines.append(f"          slower than {self.limit} s")
        lines += [f"          {where}: {text}" for where, text in self.seen.items()]
        lines += [f"          broken: {text}" for text in self.broken]
        return "\n".join(lines)
