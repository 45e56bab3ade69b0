"""(f) Cancelling: very many queued tasks in one call, and single tasks that run."""

import json

from comparison.cluster import NAMESPACE, Cluster, cluster
from comparison.environment import Environment
from comparison.process import Process
from comparison.sample import Sample


def cancel_queued(environment: Environment, tasks: int) -> Sample:
    """From the call that cancels a run, all of whose tasks are queued, to its answer.

    A worker holds as many of them as it likes to, with its slots taken by others. Afterwards all have to be cancelled, and none may
    run once the slots are free: the probe's handler counts.
    """
    with cluster(environment, 0) as baton:
        figures = _probe(baton, "cancel-queued", tasks)
        return Sample(float(figures["seconds"]), tasks)


def cancel_running(environment: Environment, tasks: int) -> Sample:
    """Tasks that run, and are known to, in a worker within the probe: from the call that cancels one to the cancellation of the
    Swift task in which its handler runs. `extra`: `p50_us`, `p99_us`, `greatest_us`."""
    with cluster(environment, 0) as baton:
        figures = _probe(baton, "cancel-running", tasks)
        figures.pop("tasks")
        return Sample(0, tasks, figures)


def _probe(baton: Cluster, subcommand: str, tasks: int) -> dict[str, float]:
    command = [baton.environment.probe, subcommand, "--amqp-url", baton.amqp_url, "--namespace", NAMESPACE]
    command += ["--server", baton.url, "--tasks", str(tasks)]
    with Process(command, baton.environment.log(subcommand)) as probe:
        return dict(json.loads(probe.wait(300).splitlines()[-1]))
