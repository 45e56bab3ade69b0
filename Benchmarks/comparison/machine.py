"""What was measured on, and with which versions."""

import os
import platform
import re
import statistics
import subprocess
import time
from importlib import metadata
from pathlib import Path

from comparison.environment import Environment

WRITES = 200
PACKAGES = ("celery", "kombu", "amqp", "dramatiq", "pika", "apflow", "sqlalchemy", "redis")
"""Of Python."""


def machine(environment: Environment) -> dict[str, str | int | float]:
    """Cores, memory, kernel, the disk's latency, and the versions of what is compared."""
    facts: dict[str, str | int | float] = {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "fsync_median_us": round(fsync_latency(environment.folder) * 1e6),
        "baton": _output(environment.baton, "--version"),
        "rabbitmq": _output("dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server"),
        "erlang": _output("dpkg-query", "-W", "-f", "${Version}", "erlang-base"),
        "redis-server": _output("dpkg-query", "-W", "-f", "${Version}", "redis-tools"),
        "librabbitmq": _output("dpkg-query", "-W", "-f", "${Version}", "librabbitmq4"),
        "python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            facts[f"python-{package}"] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return facts


def busy(seconds: float = 3) -> float:
    """From 0 to 1: how much of the processors' time others take, our own rest apart."""
    before = _times()
    time.sleep(seconds)
    idle, total = (after - earlier for after, earlier in zip(_times(), before))
    return 1 - idle / total if total > 0 else 0.0


def _times() -> tuple[int, int]:
    """Ticks of all processors since the start of the machine: idle or waiting for a disk, and all."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return fields[3] + fields[4], sum(fields)


def fsync_latency(folder: Path) -> float:
    """Seconds: the median of appending 4 KiB to a file there and synchronising its data."""
    path = folder / "fsync"
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(WRITES):
            begin = time.monotonic()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - begin)
    path.unlink()
    return statistics.median(times)


def _processor() -> str:
    """As the kernel names it."""
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def _output(*command: str | Path) -> str:
    """What a program prints, or that it is unknown."""
    try:
        return subprocess.run(command, check=True, timeout=20, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"
