"""`python -m comparison`: measures everything in turn, and prints a table. `compare` builds what this needs."""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from comparison.environment import ROOT, Environment, environment
from comparison.figures import figures
from comparison.machine import busy, machine
from comparison.results import Results, Series
from comparison.sizes import QUICK, Sizes
from comparison.steps import PEERS, Step, record, settings, steps
from comparison.table import markdown, rows

WORKS = "abcdefgh"
IDLE = 0.1
"""As much of the processors' time may others take, for figures to be worth something."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compare", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured, in turn (default: 3)")
    parser.add_argument("--only", default=",".join(WORKS), help="works, such as a,b (default: all, a to h)")
    parser.add_argument("--without", default="", help=f"who is left out, of limit,{','.join(PEERS)}")
    parser.add_argument("--quick", action="store_true", help="small and once: to see that all works, not for figures")
    parser.add_argument("--drain", type=float, help="break the drain of very many tasks off after so many seconds (default: the whole)")
    parser.add_argument("--json", type=Path, help="also write everything there")
    parser.add_argument("--folder", type=Path, help="for logs and data, on the disk that counts (default: one that goes afterwards)")
    parser.add_argument("--baton", type=Path, default=os.environ.get("BATON", ROOT / ".build/release/baton"))
    parser.add_argument("--probe", type=Path, default=os.environ.get("PROBE", ROOT / "Benchmarks/.build/release/probe"))
    parser.add_argument("--round-trip", type=Path, default=os.environ.get("ROUND_TRIP", ROOT / "Benchmarks/.build/round_trip"))
    found = parser.parse_args()
    found.only = set(filter(None, found.only.split(",")))
    found.without = set(filter(None, found.without.split(",")))
    if unknown := found.only - set(WORKS):
        parser.error(f"--only: there is no work {', '.join(sorted(unknown))}; there are {', '.join(WORKS)}")
    if unknown := found.without - {"limit", *PEERS}:
        parser.error(f"--without: {', '.join(sorted(unknown))} is not one of limit, {', '.join(PEERS)}")
    if found.rounds < 1:
        parser.error("--rounds must be at least 1")
    if not Path(found.baton).exists():
        parser.error(f"there is no {found.baton}: build it first, as Benchmarks/compare does")
    return found


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def measure(step: Step, place: Environment, results: Results) -> None:
    """Once; what goes wrong costs the figures of this step, and no others."""
    begin = time.monotonic()
    try:
        sample = step.measure(place)
        record(step, sample, results)
    except Exception as error:
        results.fail(step.name, f"{type(error).__name__}: {error}")
        say(f"  {step.name} failed after {time.monotonic() - begin:.0f} s: {type(error).__name__}: {error}")
        return
    kept = ", ".join(f"{name} {value:.4g}" for name, value in step.keep(sample).items())
    say(f"  {step.name}: {kept} (in all {time.monotonic() - begin:.0f} s)")


def run(options: argparse.Namespace, sizes: Sizes, folder: Path) -> None:
    results = Results()
    planned = [step for step in steps(sizes, options.without, options.drain) if step.work in options.only]
    rounds = 1 if options.quick else options.rounds
    taken = busy()
    if taken > IDLE:
        say(f"other programs take {taken:.0%} of the processors: figures will be too low")
    say(f"a broker is started in {folder}")
    with environment(folder, Path(options.baton), Path(options.probe), Path(options.round_trip)) as place:
        facts = machine(place)
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            for step in planned:
                # What takes long is measured last, and what has failed once is not tried again.
                if results.failure(step.name + ".") is None and (step.times is None or number >= rounds - step.times):
                    measure(step, place, results)
    configured = settings(options.without)
    found = rows(figures(sizes), results)
    print("Tried with small sizes; the figures say nothing.\n" if options.quick else f"Medians over {rounds} rounds.\n")
    print(markdown(found))
    if taken > IDLE:
        print(f"\nOther programs took {taken:.0%} of the processors when this began: the figures and their ratios may be wrong.")
    print("\nMachine and versions: " + ", ".join(f"{name} {value}" for name, value in facts.items()) + ".\n")
    for name, text in configured.items():
        print(f"- {name}: {text}")
    if options.json:
        document = {
            "rounds": rounds, "quick": options.quick, "sizes": vars(sizes), "machine": facts, "taken_by_others": taken, "settings": configured,
            "figures": {name: Series(tuple(values)).document() for name, values in results.values.items()},
            "failures": results.failures, "table": [row.document() for row in found],
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n")


def main() -> None:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as an exception, so that all that was started is stopped
    sizes = QUICK if options.quick else Sizes()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        # One of its own within, since a broker's data there may be of an earlier run.
        run(options, sizes, Path(tempfile.mkdtemp(prefix="comparison-", dir=options.folder)))
    else:
        with tempfile.TemporaryDirectory(prefix="baton-comparison-") as folder:
            run(options, sizes, Path(folder))


if __name__ == "__main__":
    main()
