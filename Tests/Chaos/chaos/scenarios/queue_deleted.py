"""A queue is deleted under its consumers, with the messages in it."""

import time
from pathlib import Path

from chaos.cluster import NAMESPACE, QUEUE, ClusterFailed
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.stage import Stage


def queue_deleted(baton: Path, folder: Path) -> Outcome:
    outcome = Outcome("queue-deleted", "it is declared again and what was in it is sent again; to the next completed task")
    with Stage(baton, folder) as stage:
        for queue in ["reports.0", "submit", f"tasks.{QUEUE}.p2", f"tasks.{QUEUE}.p2"]:
            run = stage.chain(40, 0.1)
            token = stage.token()
            wide = stage.submit([stage.step(token, f"t{number}", 0.3) for number in range(40)])
            time.sleep(1)
            connection = stage.broker.connection()
            connection.channel().queue_delete(f"{NAMESPACE}.{queue}")
            deleted = time.time()
            connection.close()
            try:
                outcome.note(deleted, stage.completed_after(run, deleted, 60))
                stage.check_once(run, outcome.broken)
                stage.check_once(wide, outcome.broken)
            except ClusterFailed as error:
                outcome.broken.append(f"{queue}: {error}")
                stage.see_what_is_left(outcome.seen, [run, wide])
                break
    return outcome
