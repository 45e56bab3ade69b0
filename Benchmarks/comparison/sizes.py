"""How much of each work is done."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    fan_out: int = 10_000
    chain: int = 1_000
    apflow_fan_out: int = 300
    """Its time grows much faster than the number of tasks in a tree, so this is to its advantage; at the others' size one round would
    take hours."""
    apflow_chain: int = 50
    latency: int = 1_000
    latency_seconds: float = 5
    waiting_few: int = 10_000
    waiting_many: int = 1_000_000
    restart: int = 100_000
    cancel_queued: int = 10_000
    cancel_running: int = 200
    urgent_behind: int = 10_000
    urgent: int = 20
    scaling: tuple[int, ...] = (1, 2, 4, 8)


QUICK = Sizes(
    fan_out=1_000, chain=100, apflow_fan_out=100, apflow_chain=50, latency=200, latency_seconds=1, waiting_few=1_000,
    waiting_many=20_000, restart=5_000, cancel_queued=1_000, cancel_running=20, urgent_behind=2_000, urgent=5, scaling=(1, 2),
)
"""To see that everything works; the figures say nothing."""
