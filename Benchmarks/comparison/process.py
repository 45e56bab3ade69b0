"""A program that the comparison has started, what it uses, and how it ends."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class ProcessFailed(Exception):
    """A program ended too early, with an error, or did not say in time what was waited for."""


def family(pid: int) -> list[int]:
    """The process and all its living descendants."""
    found = [pid]
    for parent in found:
        for path in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in path.read_text().split()]
            except OSError:  # it has ended meanwhile
                continue
    return found


def cpu_seconds(pid: int) -> float:
    """Processor time, user and system, of a process, its living descendants, and the ended ones that were waited for."""
    ticks = 0
    for member in family(pid):
        try:
            # The name before the parenthesis may hold spaces. Then: state is 0, utime 11, stime 12, cutime 13, cstime 14.
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS


def peak_memory(pid: int) -> int:
    """Bytes: the largest resident set of a process and its living descendants so far, each with the pages that it shares."""
    kibibytes = 0
    for member in family(pid):
        try:
            lines = Path(f"/proc/{member}/status").read_text().splitlines()
        except OSError:
            continue
        kibibytes += sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return kibibytes * 1024


class Process:
    """Runs from `__init__` to `stop`, in a process group of its own, with what it prints in a file. A context manager too."""

    def __init__(
        self, command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        """`environment` is added to our own variables."""
        self.command = [str(word) for word in command]
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})}, cwd=folder, start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    def wait_for(self, text: str, seconds: float = 60, times: int = 1) -> None:
        """Returns when what it printed holds `text` so many times."""
        deadline = time.monotonic() + seconds
        while self.output().count(text) < times:
            if not self.running:
                raise ProcessFailed(self._describe("ended early"))
            if time.monotonic() > deadline:
                raise ProcessFailed(self._describe(f"did not print '{text}' within {seconds:g} s"))
            time.sleep(0.02)

    def wait(self, seconds: float) -> str:
        """Waits for its end and returns what it has printed; raises where it fails or takes longer."""
        try:
            status = self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop(0)
            raise ProcessFailed(self._describe(f"was not done after {seconds:g} s")) from None
        if status != 0:
            raise ProcessFailed(self._describe(f"ended with status {status}"))
        return self.output()

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def peak_memory(self) -> int:
        return peak_memory(self.pid)

    def stop(self, seconds: float = 15) -> None:
        """SIGTERM, then SIGKILL to its whole group, since what it has started may outlive it."""
        if self.running and seconds > 0:
            self._child.terminate()
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._child.wait()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _describe(self, what: str) -> str:
        end = "\n".join(self.output().splitlines()[-15:])
        return f"'{' '.join(self.command)}' {what}; the end of {self.log}:\n{end}"
