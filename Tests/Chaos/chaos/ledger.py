"""What the producers know of what they have submitted."""

import json
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chaos.documents import Plan


@dataclass
class Submission:
    plan: Plan
    way: str
    """`http` or `amqp`."""
    sent_at: float
    sent: int = 0
    """How often, under the same key."""
    accepted_at: float | None = None
    """By the coordinator's answer, or by the broker's confirm."""
    runs: set[str] = field(default_factory=set)
    """All ids that answers have named."""
    cancel_sent_at: float | None = None
    cancelled_at: float | None = None
    """When the answer to the cancel had come."""
    cancel_took: float = 0
    cancel_outcome: str = ""
    surprise: str = ""
    """An answer that nothing here should lead to."""

    @property
    def token(self) -> str:
        return self.plan.token


class Ledger:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._submissions: dict[str, Submission] = {}
        self.wipes: list[tuple[float, str]] = []
        """When the broker lost what it had confirmed, by our own doing."""

    def add(self, submission: Submission) -> None:
        with self._lock:
            self._submissions[submission.token] = submission

    @property
    def submissions(self) -> list[Submission]:
        with self._lock:
            return list(self._submissions.values())

    def wiped(self, at: float, what: str) -> None:
        with self._lock:
            self.wipes.append((at, what))

    def is_excused(self, submission: Submission) -> bool:
        """The broker had confirmed it, and then its disk was taken away."""
        at = submission.accepted_at
        return submission.way == "amqp" and at is not None and any(at <= wipe for wipe, _ in self.wipes)

    def write(self, file: Path) -> None:
        """For whoever looks into it later."""
        file.write_text(json.dumps([asdict(submission) for submission in self.submissions], default=sorted))
