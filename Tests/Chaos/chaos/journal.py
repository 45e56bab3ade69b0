"""The side effects of the workload's tasks, in the order in which they were written."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Effect:
    place: int
    kind: str
    """`start` or `end`."""
    token: str
    attempt: str
    """The attempt's id; `-` where the worker didn't tell."""
    process: int
    at: float


class Journal:
    def __init__(self, path: Path) -> None:
        self.effects: list[Effect] = []
        self.broken = 0
        """Lines that can't be read."""
        with path.open(errors="replace") as file:
            for line in file:
                words = line.split()
                if len(words) != 5 or words[0] not in ("start", "end"):
                    self.broken += 1
                    continue
                self.effects.append(Effect(len(self.effects), words[0], words[1], words[2], int(words[3]), int(words[4]) / 1e9))
        self.starts = self._by_token("start")
        self.ends = self._by_token("end")

    def _by_token(self, kind: str) -> dict[str, list[Effect]]:
        found: defaultdict[str, list[Effect]] = defaultdict(list)
        for effect in self.effects:
            if effect.kind == kind:
                found[effect.token].append(effect)
        return dict(found)

    @property
    def repeated(self) -> int:
        """Starts of an attempt that had started before: allowed, since an attempt is run at least once."""
        counts = Counter(effect.attempt for effects in self.starts.values() for effect in effects if effect.attempt != "-")
        return sum(count - 1 for count in counts.values())
