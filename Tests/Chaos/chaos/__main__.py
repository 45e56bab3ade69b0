"""The command line: deploy/chaos."""

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

from chaos import report
from chaos.faults import KINDS
from chaos.scenarios import SCENARIOS
from chaos.scenarios.run import run_scenarios
from chaos.campaign import campaign


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="deploy/chaos",
        description="Starts a private RabbitMQ, a coordinator and workers, gives them work all the time, and breaks everything.",
        epilog=f"KINDS: {', '.join(KINDS)}. SCENARIOS: {', '.join(SCENARIOS)}. Exit code 1 where a promise is broken.")
    parser.add_argument("--minutes", type=float, default=10, help="how long faults come; 0 for the scenarios alone (default: 10)")
    parser.add_argument("--kills", type=int, help="how many processes are to be killed at least (default: 12 a minute)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="what happens when (default: the time)")
    parser.add_argument("--only", metavar="KINDS", help="of faults, and names of scenarios, with commas between (default: all)")
    parser.add_argument("--no-scenarios", action="store_true", help="only the storm of faults")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report there too")
    parser.add_argument("--baton", type=Path, required=True, metavar="PATH", help="the program to be tested")
    parser.add_argument("--rate", type=float, default=1.5, help="submissions a second (default: 1.5)")
    parser.add_argument("--workers", type=int, default=3, help="(default: 3)")
    parser.add_argument("--slots", type=int, default=4, help="of each worker (default: 4)")
    parser.add_argument("--folder", type=Path, help="for logs and data, a new one (default: in the folder for temporary files)")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    # As a Ctrl-C would: what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    only = options.only.split(",") if options.only else [*KINDS, *SCENARIOS]
    unknown = [name for name in only if name not in KINDS and name not in SCENARIOS]
    if unknown:
        print(f"chaos: there is no fault and no scenario '{unknown[0]}'", file=sys.stderr)
        return 2
    folder = options.folder or Path(tempfile.mkdtemp(prefix="baton-chaos."))
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f}  {text}", flush=True)

    say(f"seed {options.seed}; logs in {folder}")
    figures: dict[str, object] = {"baton": str(options.baton), "scenarios": []}
    is_broken = False
    kinds = [name for name in only if name in KINDS]
    if kinds and options.minutes > 0:
        figures |= campaign(
            options.baton, folder / "storm", options.minutes, round(12 * options.minutes) if options.kills is None else options.kills, options.seed, kinds, options.rate, options.workers, options.slots, say)
        is_broken = bool(figures["broken"])
        print("\n" + report.text(figures) + "\n", flush=True)
    if not options.no_scenarios:
        outcomes = run_scenarios([name for name in only if name in SCENARIOS], options.baton, folder, say)
        figures["scenarios"] = [outcome.json for outcome in outcomes]
        is_broken = is_broken or any(not outcome.is_kept for outcome in outcomes)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    say(f"{'BROKEN' if is_broken else 'all promises were kept'}; logs in {folder}")
    return 1 if is_broken else 0


if __name__ == "__main__":
    sys.exit(main())
