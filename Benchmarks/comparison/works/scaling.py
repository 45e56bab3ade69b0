"""(h) The fan-out of (a) with more and more worker processes, and what a task costs each part in processor time."""

from comparison.environment import Environment
from comparison.sample import Sample
from comparison.works.fan_out import fan_out


def scaling(environment: Environment, tasks: int, workers: int) -> Sample:
    """As `fan_out`; `extra` also has the ratio of the coordinator's and the workers' processor time to the broker's."""
    sample = fan_out(environment, tasks, workers)
    own = float(sample.extra["coordinator_cpu_us"]) + float(sample.extra["workers_cpu_us"])
    broker = float(sample.extra["broker_cpu_us"])
    extra = sample.extra | {"cpu_us": own, "cpu_ratio": own / broker if broker > 0 else float("inf")}
    return Sample(sample.seconds, sample.tasks, extra)
