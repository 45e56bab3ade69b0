"""What goes wrong, one kind a file."""

from chaos.faults.broker_kill import BrokerKill
from chaos.faults.broker_leaderless import BrokerLeaderless
from chaos.faults.broker_stall import BrokerStall
from chaos.faults.broker_wipe import BrokerWipe
from chaos.faults.connections_close import ConnectionsClose
from chaos.faults.connections_cut import ConnectionsCut
from chaos.faults.connections_delay import ConnectionsDelay
from chaos.faults.connections_hold import ConnectionsHold
from chaos.faults.coordinator_kill import CoordinatorKill
from chaos.faults.coordinator_stall import CoordinatorStall
from chaos.faults.disk_full import DiskFull
from chaos.faults.fault import Fault
from chaos.faults.memory_alarm import MemoryAlarm
from chaos.faults.queue_delete import QueueDelete
from chaos.faults.worker_kill import WorkerKill
from chaos.faults.worker_stall import WorkerStall

KINDS: dict[str, type[Fault]] = {
    kind.name: kind
    for kind in [
        WorkerKill, WorkerStall, CoordinatorKill, CoordinatorStall, BrokerKill, BrokerStall, BrokerWipe, BrokerLeaderless,
        ConnectionsCut, ConnectionsDelay, ConnectionsHold, ConnectionsClose, MemoryAlarm, QueueDelete, DiskFull,
    ]
}

__all__ = ["KINDS", "Fault"]
