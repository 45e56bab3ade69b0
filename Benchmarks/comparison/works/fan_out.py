"""(a) Tasks that do nothing, all at once, and one that waits for all of them."""

import time

from comparison.cluster import WARM_UP, cluster
from comparison.environment import Environment
from comparison.sample import Sample
from comparison.works.documents import joined

SLOTS = 16


def fan_out(environment: Environment, tasks: int, workers: int | None = None) -> Sample:
    """From the submission over HTTP to the moment at which the result of the join is known there.

    `extra` has the microseconds of processor time that a task has cost the coordinator, all workers, and the broker.
    """
    document = joined(tasks)
    with cluster(environment, environment.workers if workers is None else workers, SLOTS) as baton:
        baton.warm_up()
        before = baton.usage()
        begin = time.monotonic()
        run = baton.submit(document)
        baton.await_end(run, seconds=300)
        seconds = time.monotonic() - begin
        cost = baton.usage().since(before, tasks + 1)
        baton.check_completed(run, tasks + 1)
        baton.check_handler("core.noop", WARM_UP + tasks + 1)
        return Sample(seconds, tasks, dict(cost))
