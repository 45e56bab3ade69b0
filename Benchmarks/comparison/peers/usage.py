"""What the processes of one run use."""

from collections.abc import Sequence

from comparison.environment import Environment
from comparison.process import Process, cpu_seconds


class Usage:
    """Processor time of the workers, RabbitMQ and Redis from `start` to `figures`, and the most memory that the workers have had."""

    def __init__(self, environment: Environment, workers: Sequence[Process]) -> None:
        self._environment = environment
        self._workers = workers
        self._before: dict[str, float] = {}

    def start(self) -> None:
        self._before = self._now()

    def figures(self) -> dict[str, float | int | str]:
        result: dict[str, float | int | str] = {name: round(value - self._before[name], 2) for name, value in self._now().items()}
        result["workers_peak_bytes"] = sum(worker.peak_memory() for worker in self._workers)
        return result

    def _now(self) -> dict[str, float]:
        return {
            "workers_cpu_seconds": sum(worker.cpu_seconds() for worker in self._workers),
            "broker_cpu_seconds": self._environment.broker_cpu_seconds(),
            "redis_cpu_seconds": cpu_seconds(self._environment.redis_pid),
        }
