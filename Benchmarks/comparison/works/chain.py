"""(b) Tasks that do nothing, each of which waits for the one before."""

import time

from comparison.cluster import WARM_UP, cluster
from comparison.environment import Environment
from comparison.sample import Sample
from comparison.works import documents
from comparison.works.fan_out import SLOTS


def chain(environment: Environment, tasks: int) -> Sample:
    """From the submission over HTTP to the moment at which the last result is known there."""
    document = documents.chain(tasks)
    with cluster(environment, environment.workers, SLOTS) as baton:
        baton.warm_up()
        begin = time.monotonic()
        run = baton.submit(document)
        baton.await_end(run, seconds=300)
        seconds = time.monotonic() - begin
        baton.check_completed(run, tasks)
        baton.check_handler("core.noop", WARM_UP + tasks)
        return Sample(seconds, tasks)
