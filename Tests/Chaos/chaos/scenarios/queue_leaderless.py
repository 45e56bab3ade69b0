"""A queue of tasks has lost its leader, as RabbitMQ 3.10 can lose it where it is killed soon after the queue's declaration."""

import time
from pathlib import Path

from chaos.cluster import NAMESPACE, QUEUE, ClusterFailed, wait
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage

LIMIT = 120
"""Seconds for work that has nothing to do with the queue that is lost."""


def queue_leaderless(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("queue-leaderless", "work on other queues goes on, and the queue is mended or named")
    with Stage(baton, folder) as stage:
        stage.end(stage.chain(1))
        time.sleep(7)
        # Of a priority that nothing here has.
        queue = f"{NAMESPACE}.tasks.{QUEUE}.p3"
        since = stage.log_size
        connection = stage.broker.connection()
        connection.channel().queue_delete(queue)
        connection.close()
        wait("the queue's new declaration", 20, lambda: stage.broker.has_queue(queue), 0.1)
        stage.broker.kill()
        stage.broker.restart()
        accepts = time.time()
        run = stage.chain(40, 0.1)
        token = stage.token()
        wide = stage.submit([stage.step(token, f"t{number}", 0.3) for number in range(40)])
        try:
            outcome.note(accepts, stage.completed_after(run, accepts, LIMIT))
            stage.check_once(run, outcome.broken)
            stage.check_once(wide, outcome.broken)
        except ClusterFailed as error:
            outcome.broken.append(f"{error}, though it is on another queue")
        worker = stage.workers[0].log.read_text(errors="replace")
        outcome.seen["worker's log"] = f"'INTERNAL_ERROR (the broker closed the connection)' {worker.count('INTERNAL_ERROR')} times"
        outcome.seen["/readyz"] = stage.ready_text
        outcome.seen["coordinator's log"] = stage.log_line(queue, since) or f"nothing of {queue}"
        low = stage.submit([stage.step(stage.token(), "low", 0, priority=3)])
        try:
            stage.end(low, LIMIT)
        except ClusterFailed as error:
            outcome.broken.append(f"{error}, which is on the queue itself")
    return outcome
