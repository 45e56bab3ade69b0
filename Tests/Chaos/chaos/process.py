"""A process of the cluster under test, with its log."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class Process:
    """Started at once, in a session of its own, so that signals for this program don't reach it."""

    def __init__(self, name: str, words: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, user: int | None = None) -> None:
        self.name = name
        self.log = log
        self.started_at = time.time()
        with log.open("ab") as output:
            output.write(f"\n=== {self.started_at:.3f} {' '.join(words)}\n".encode())
            output.flush()
            # Without `restore_signals` a write beyond a limit of file size is an error for it, and doesn't end it.
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, restore_signals=False, user=user,
                env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})})

    @property
    def id(self) -> int:
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        return self._process.poll()

    @property
    def is_running(self) -> bool:
        return self.exit_status is None

    def signal(self, number: signal.Signals) -> None:
        if self.is_running:
            self._process.send_signal(number)

    def stall(self) -> None:
        self.signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        self.signal(signal.SIGKILL)
        self._process.wait(20)

    def stop(self, limit: float = 15) -> int:
        """SIGTERM, and SIGKILL for one that doesn't heed it. Returns its exit status."""
        self.go_on()
        self.signal(signal.SIGTERM)
        try:
            return self._process.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def log_since(self, position: int) -> str:
        """What it has written after this many bytes of its log."""
        with self.log.open("rb") as file:
            file.seek(position)
            return file.read().decode(errors="replace")
