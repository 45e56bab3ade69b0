"""One failure each, measured."""

from collections.abc import Callable
from pathlib import Path

from chaos.scenarios.broker_emptied import broker_emptied
from chaos.scenarios.broker_killed import broker_killed
from chaos.scenarios.coordinator_killed import coordinator_killed
from chaos.scenarios.database_damaged import database_damaged, database_damaged_while_up
from chaos.scenarios.database_read_only import database_read_only
from chaos.scenarios.disk_filled import disk_filled
from chaos.scenarios.outcome import Outcome
from chaos.scenarios.queue_deleted import queue_deleted
from chaos.scenarios.queue_leaderless import queue_leaderless
from chaos.scenarios.reports_leaderless import reports_leaderless
from chaos.scenarios.worker_hung import worker_hung, worker_hung_leased
from chaos.scenarios.worker_killed import worker_killed

Scenario = Callable[[Path, Path], Outcome]

SCENARIOS: dict[str, Scenario] = {
    "worker-killed": worker_killed,
    "worker-hung": worker_hung,
    "worker-hung-leased": worker_hung_leased,
    "coordinator-killed": coordinator_killed,
    "broker-killed": broker_killed,
    "broker-emptied": broker_emptied,
    "queue-deleted": queue_deleted,
    "queue-leaderless": queue_leaderless,
    "reports-leaderless": reports_leaderless,
    "disk-filled": disk_filled,
    "database-read-only": database_read_only,
    "database-damaged": database_damaged,
    "database-damaged-while-up": database_damaged_while_up,
}
"""By their names: the program to be tested and a folder of its own."""
