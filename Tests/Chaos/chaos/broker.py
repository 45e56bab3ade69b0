"""A private RabbitMQ node, by deploy/rabbitmq-node."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pika

SCRIPT = Path(__file__).parents[3] / "deploy" / "rabbitmq-node"


class BrokerFailed(Exception):
    """The node, or a command to it, failed; the text says why."""


class Broker:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 5672

    def start(self, settings: Path | None = None) -> None:
        """Returns when it accepts AMQP. `settings` are added to its own."""
        self.url = self._script("start", *(["--config", str(settings)] if settings else [])).strip()

    def kill(self) -> None:
        """SIGKILL of the Erlang VM, as a crash would."""
        self._script("kill")

    def restart(self) -> None:
        """Same address, same data. A second try where the machine was too busy for the first."""
        try:
            self._script("restart")
        except BrokerFailed:
            self._script("restart")

    def forget_data(self) -> None:
        """All that the node, which is down, had on its disk."""
        shutil.rmtree(self.folder / "data")
        (self.folder / "data").mkdir()

    def stop(self) -> None:
        self.signal(signal.SIGCONT)
        self._script("stop")

    def signal(self, number: signal.Signals) -> None:
        try:
            os.kill(int((self.folder / "pid").read_text()), number)
        except (FileNotFoundError, ProcessLookupError, ValueError):
            pass

    def control(self, *words: str, limit: float = 60) -> str:
        """rabbitmqctl."""
        return self._script("ctl", *words, limit=limit)

    def _script(self, command: str, *words: str, limit: float = 200) -> str:
        try:
            done = subprocess.run(
                ["/bin/bash", str(SCRIPT), command, str(self.folder), *words],
                capture_output=True, text=True, timeout=limit, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired as error:
            raise BrokerFailed(f"rabbitmq-node {command} {' '.join(words)}: not done after {limit} s") from error
        if done.returncode != 0:
            raise BrokerFailed(f"rabbitmq-node {command} {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def connection(self) -> pika.BlockingConnection:
        """Straight to the node, past the proxy."""
        parameters = pika.URLParameters(self.url)
        parameters.socket_timeout = 5
        parameters.stack_timeout = 10
        parameters.blocked_connection_timeout = 20
        return pika.BlockingConnection(parameters)

    def has_queue(self, name: str) -> bool:
        connection = self.connection()
        try:
            connection.channel().queue_declare(name, passive=True)
            return True
        except pika.exceptions.ChannelClosedByBroker:
            return False
        finally:
            connection.close()
