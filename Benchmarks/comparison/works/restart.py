"""(e) A coordinator that was killed while very many tasks were open: how soon the new one hands out work."""

import json
import time

from comparison.cluster import NAMESPACE, cluster
from comparison.environment import Environment
from comparison.process import Process
from comparison.sample import Sample
from comparison.works.documents import independent
from comparison.works.fan_out import SLOTS


def restart(environment: Environment, tasks: int) -> Sample:
    """From before the new process is started to the arrival of the first task message that had not been in the queue.

    While no coordinator runs, a bare worker does all that is queued, so that a new message has to come from what the new coordinator
    decided. Afterwards the run has to complete, each task with one attempt. `extra`: `drained`, how many tasks were queued.
    """
    with cluster(environment, 0) as baton:
        run = baton.submit(independent(tasks, name="restart"))
        time.sleep(2)  # its window fills, so that nothing is on its way when it dies
        baton.kill_coordinator()
        command = [environment.probe, "first-delivery", "--amqp-url", baton.amqp_url, "--namespace", NAMESPACE]
        with Process(command, environment.log("first-delivery")) as probe:
            probe.wait_for("drained", 60)
            time.sleep(0.1)
            begin = time.monotonic_ns()
            baton.coordinator = baton.launch()
            figures = json.loads(probe.wait(120).splitlines()[-1])
        seconds = (figures["first_ns"] - begin) / 1e9
        baton.await_ready()
        baton.add_workers(environment.workers, SLOTS)
        baton.await_end(run, seconds=60 + tasks / 200)
        baton.check_completed(run, tasks)
        baton.check_handler("core.noop", tasks)
        return Sample(seconds, tasks, {"drained": figures["drained"]})
