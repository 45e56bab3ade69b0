"""Work and faults at the same time, and what has become of it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chaos import report
from chaos.api import API, Refused, Unreachable
from chaos.checks import FINAL, Examination
from chaos.cluster import Cluster
from chaos.journal import Journal
from chaos.ledger import Ledger
from chaos.storm import Storm
from chaos.workload import Workload

SETTLING = 240
"""Seconds in which all has to come to its end once nothing is in its way any more."""


def campaign(
    baton: Path, folder: Path, minutes: float, kills: int, seed: int, kinds: list[str], rate: float, workers: int, slots: int,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Runs it, and returns the report's figures."""
    with Cluster(baton, folder, workers, slots) as cluster:
        ledger = Ledger()
        workload = Workload(cluster, ledger, seed, rate)
        storm = Storm(cluster, ledger, workload.proxies, seed, kinds, say)
        workload.start()
        # Queues settle: what becomes of younger ones is a fault of its own.
        time.sleep(8)
        storm.rage(minutes, kills)
        say("no more faults; waiting for the end of all that was submitted")
        cluster.mend()
        workload.finish(90)
        send_lost_messages_again(cluster, ledger, workload)
        settle(cluster.api, say)
        ledger.write(folder / "ledger.json")
        verdict = Examination(cluster.api, ledger, Journal(cluster.journal)).examine()
        verdict.unexpected += [producer.error for producer in workload.producers if producer.error]
        report.recoveries(storm, verdict.completions)
        if cluster.coordinator.exit_status is not None:
            verdict.unexpected.append(f"the coordinator has ended by itself ({cluster.coordinator.exit_status})")
        for worker in cluster.workers:
            if worker.exit_status is not None:
                verdict.unexpected.append(f"{worker.name} has ended by itself ({worker.exit_status})")
        return report.summary(seed, minutes, storm, verdict)


def send_lost_messages_again(cluster: Cluster, ledger: Ledger, workload: Workload) -> None:
    """As producers do where they hear that the broker has lost its disk."""
    if not ledger.wipes:
        return
    time.sleep(5)
    known = {run["correlationId"] for run in cluster.api.runs()}
    for submission in ledger.submissions:
        if submission.token not in known and ledger.is_excused(submission):
            workload.send_again(submission)
    time.sleep(2)


def settle(api: API, say: Callable[[str], None]) -> None:
    """Returns when no run goes on any more, or time is up."""
    deadline = time.monotonic() + SETTLING
    left = ""
    while time.monotonic() < deadline:
        try:
            open = [run["id"] for run in api.runs() if run["status"] not in FINAL]
        except (Unreachable, Refused):
            open = ["?"]
        if not open:
            return
        if left != f"{len(open)}":
            left = f"{len(open)}"
            say(f"{left} runs go on")
        time.sleep(2)
    say(f"after {SETTLING} s runs still go on")
