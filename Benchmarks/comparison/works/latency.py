"""(c) Single tasks, submitted over AMQP with a queue for the answer: how long until the result is there."""

import json
import time

from comparison.cluster import NAMESPACE, cluster
from comparison.environment import Environment
from comparison.process import Process
from comparison.sample import Sample
from comparison.works.fan_out import SLOTS


def latency(environment: Environment, tasks: int, seconds: float) -> Sample:
    """From the submission to the arrival of the outcome, of `core.noop`, by `probe latency`.

    `extra`: `idle_p50_us` and `idle_p99_us` of so many tasks one at a time; `greatest_rate`, outcomes a second with 512 under way
    for so many seconds; `half_p50_us` and `half_p99_us` at half of that rate for twice as many seconds, at equal distances, each
    counted from the moment at which it was due.
    """
    with cluster(environment, environment.workers, SLOTS) as baton:
        command = [environment.probe, "latency", "--amqp-url", baton.amqp_url, "--namespace", NAMESPACE]
        command += ["--tasks", str(tasks), "--seconds", str(seconds)]
        begin = time.monotonic()
        with Process(command, environment.log("latency")) as probe:
            figures = json.loads(probe.wait(180 + seconds * 4).splitlines()[-1])
        took = time.monotonic() - begin
        submitted = int(figures.pop("tasks"))
        baton.check_handler("core.noop", submitted)
        return Sample(took, submitted, figures)
