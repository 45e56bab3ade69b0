"""What is printed, and written as JSON."""

import os
import platform
from collections import Counter
from typing import Any

from chaos.checks import Verdict
from chaos.pauses import PAUSES
from chaos.storm import Storm


def recoveries(storm: Storm, completions: list[float]) -> None:
    """Notes after each fault when the next task was completed, unless all stood still about then."""
    for strike in storm.strikes:
        after = next((at for at in completions if at >= strike.ended), None)
        if after is not None and not PAUSES.meets(strike.ended - 20, after):
            strike.recovery = after - strike.ended


def machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}"


def summary(seed: int, minutes: float, storm: Storm, verdict: Verdict) -> dict[str, Any]:
    slowest = max((strike for strike in storm.strikes if strike.recovery is not None), key=lambda strike: strike.recovery or 0, default=None)
    return {
        "seed": seed,
        "minutes": minutes,
        "machine": machine(),
        "submitted": verdict.submitted,
        "accepted": verdict.accepted,
        "resubmitted": verdict.resubmitted,
        "completed": verdict.completed,
        "failedAsMeant": verdict.failed_as_meant,
        "poisoned": verdict.poisoned,
        "cancelled": verdict.cancelled,
        "tasks": verdict.tasks,
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "startedEarly": len(verdict.early),
        "cancelledButStarted": len(verdict.cancelled_started),
        "compensations": len(verdict.compensations),
        "unexpected": len(verdict.unexpected),
        "repeatedSideEffects": verdict.repeated_effects,
        "attemptsLost": verdict.attempts_lost,
        "reportsDiscarded": verdict.reports_discarded,
        "kills": storm.kills,
        "faults": dict(sorted(Counter(strike.kind for strike in storm.strikes).items())),
        "longestRecovery": None if slowest is None else {"seconds": round(slowest.recovery or 0, 2), "after": slowest.kind, "what": slowest.what},
        "strikes": [
            {"kind": strike.kind, "at": strike.began, "seconds": round(strike.ended - strike.began, 2), "what": strike.what,
             "recovery": None if strike.recovery is None else round(strike.recovery, 3)}
            for strike in storm.strikes],
        "troubles": storm.troubles,
        "pauses": [round(pause.ended - pause.began, 1) for pause in PAUSES.all],
        "broken": verdict.broken,
    }


def text(figures: dict[str, Any]) -> str:
    lines = [f"seed {figures['seed']}, {figures['minutes']:g} minutes, {figures['machine']}", ""]
    rows = [
        ("submitted", figures["submitted"]), ("accepted", figures["accepted"]),
        ("submitted again after the broker lost its disk", figures["resubmitted"]), ("completed", figures["completed"]),
        ("failed as meant", figures["failedAsMeant"]), ("poisoned by kills", figures["poisoned"]), ("cancelled", figures["cancelled"]), ("tasks", figures["tasks"]),
        ("lost", figures["lost"]), ("doubled", figures["doubled"]), ("started early", figures["startedEarly"]),
        ("cancelled but started", figures["cancelledButStarted"]), ("compensations missing or out of order", figures["compensations"]),
        ("otherwise unexpected", figures["unexpected"]), ("repeated side effects (allowed)", figures["repeatedSideEffects"]),
        ("attempts lost with their workers", figures["attemptsLost"]), ("late reports discarded", figures["reportsDiscarded"]),
        ("processes killed", figures["kills"])]
    lines += [f"{name:<48}{value:>8}" for name, value in rows]
    lines += ["", "faults"]
    by_kind: dict[str, list[float]] = {}
    for strike in figures["strikes"]:
        by_kind.setdefault(strike["kind"], []).append(strike["recovery"])
    for kind, values in sorted(by_kind.items()):
        known = [value for value in values if value is not None]
        worst = f"slowest recovery {max(known):.1f} s" if known else ""
        lines.append(f"  {kind:<24}{len(values):>4}  {worst}")
    if figures["longestRecovery"]:
        longest = figures["longestRecovery"]
        lines.append(f"longest recovery: {longest['seconds']:.1f} s after {longest['after']} ({longest['what']})")
    lines += [f"not made: {trouble}" for trouble in figures["troubles"]]
    if figures["pauses"]:
        lines.append(f"all of it stood still {len(figures['pauses'])} times, for {sum(figures['pauses']):.0f} s; recoveries of those times are left out")
    for name, sentences in figures["broken"].items():
        lines += ["", f"BROKEN: {name} ({len(sentences)})", *(f"  {sentence}" for sentence in sentences[:50])]
    return "\n".join(lines)
