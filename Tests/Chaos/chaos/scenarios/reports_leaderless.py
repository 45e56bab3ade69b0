"""The queue of reports has lost its leader, and the coordinator was killed with the broker."""

import time
from pathlib import Path

from chaos.cluster import NAMESPACE, ClusterFailed, wait
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage

LIMIT = 180


def reports_leaderless(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("reports-leaderless", "the coordinator starts, has the queue mended, and what ran meanwhile ends")
    with Stage(baton, folder) as stage:
        stage.end(stage.chain(1))
        time.sleep(7)
        run = stage.chain(60, 0.2)
        time.sleep(1)
        queue = f"{NAMESPACE}.reports.0"
        connection = stage.broker.connection()
        connection.channel().queue_delete(queue)
        connection.close()
        wait("the queue's new declaration", 20, lambda: stage.broker.has_queue(queue), 0.05)
        stage.broker.kill()
        stage.coordinator.kill()
        stage.broker.restart()
        since = time.time()
        stage.launch_coordinator()
        try:
            outcome.note(since, stage.completed_after(run, since, LIMIT))
            stage.check_once(run, outcome.broken)
        except ClusterFailed as error:
            outcome.broken.append(str(error))
        outcome.seen["coordinator's log"] = stage.log_line("can't serve|can't be taken|deleted", 0) or "nothing"
        outcome.seen["/readyz"] = stage.ready_text
    return outcome
