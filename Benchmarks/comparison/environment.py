"""Where a comparison runs: a broker, a Redis and a folder of its own, and the programs that are measured."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from comparison.process import Process, cpu_seconds, peak_memory

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""
NODE = ROOT / "deploy" / "rabbitmq-node"
REDIS = Path("/usr/bin/redis-check-rdb")
"""Debian has the server, under this name, in redis-tools; only the package redis-server would start a system service."""


@dataclass(frozen=True)
class Environment:
    folder: Path
    """For logs and data; of this comparison alone."""
    amqp_url: str
    redis_url: str
    python: Path
    """Of the virtual environment with the peers' packages."""
    baton: Path
    """The release build of the command line."""
    probe: Path
    """The release build of Benchmarks/Sources/probe."""
    round_trip: Path
    """The program made from Benchmarks/raw/round_trip.c."""
    broker_pid: int
    """The Erlang machine that is RabbitMQ."""
    redis_pid: int
    workers: int = 2
    """How many worker processes everyone gets."""

    def broker_cpu_seconds(self) -> float:
        """Processor time that RabbitMQ has used since its start."""
        return cpu_seconds(self.broker_pid)

    def broker_peak_memory(self) -> int:
        """Bytes, since its start."""
        return peak_memory(self.broker_pid)

    def log(self, name: str) -> Path:
        """A file that is not there yet, for what a program prints."""
        (self.folder / "logs").mkdir(exist_ok=True)
        number = 1
        while (path := self.folder / "logs" / f"{name}-{number}.log").exists():
            number += 1
        return path

    @contextmanager
    def virtual_host(self, name: str) -> Iterator[str]:
        """The address of a virtual host on the broker, empty at first, and gone with all its queues at the end."""
        self._rabbitmqctl("add_vhost", name)
        try:
            self._rabbitmqctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
            yield self.amqp_url.rstrip("/") + "/" + name
        finally:
            self._rabbitmqctl("delete_vhost", name)

    def _rabbitmqctl(self, *arguments: str) -> None:
        command = [NODE, "ctl", self.folder / "rabbitmq", *arguments]
        subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def flush_redis(self) -> None:
        """Forgets everything in Redis."""
        import redis

        with redis.Redis.from_url(self.redis_url) as client:
            client.flushall()


@contextmanager
def environment(folder: Path, baton: Path, probe: Path, round_trip: Path, workers: int = 2) -> Iterator[Environment]:
    """Starts RabbitMQ and Redis with their data in `folder`, and stops both at the end, also when it comes by SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by itself it would end Python without cleaning up
    folder.mkdir(parents=True, exist_ok=True)
    broker = folder / "rabbitmq"
    try:
        amqp_url = subprocess.run(
            [NODE, "start", broker], check=True, timeout=120, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        ).stdout.strip()
        with _redis(folder) as (redis_url, redis_pid):
            yield Environment(
                folder=folder, amqp_url=amqp_url, redis_url=redis_url, python=Path(sys.executable), baton=baton, probe=probe,
                round_trip=round_trip, broker_pid=int((broker / "pid").read_text()), redis_pid=redis_pid, workers=workers,
            )
    finally:
        subprocess.run([NODE, "stop", broker], check=False, timeout=120, stdin=subprocess.DEVNULL)


@contextmanager
def _redis(folder: Path) -> Iterator[tuple[str, int]]:
    """On loopback, as durable as its documentation advises: writes are appended to a file that is synchronised once a second."""
    data = folder / "redis"
    data.mkdir(exist_ok=True)
    program = data / "redis-server"  # by its name it knows what it is to be
    if not os.path.lexists(program):
        program.symlink_to(REDIS)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command: list[str | Path] = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(data)]
    command += ["--appendonly", "yes", "--appendfsync", "everysec"]
    with Process(command, folder / "logs" / "redis.log") as server:
        server.wait_for("Ready to accept connections", 30)
        yield f"redis://127.0.0.1:{port}/0", server.pid
