"""The command line: deploy/soak."""

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

from chaos.api import Refused, Unreachable
from soak import report
from soak.cluster import Cluster
from soak.curve import trend
from soak.leftovers import leftovers
from soak.ledger import Ledger
from soak.listener import Listener
from soak.load import Load
from soak.picture import picture
from soak.sampler import Sampler

FINAL = ("completed", "failed", "cancelled")
SETTLING = 60
"""Seconds in which all has to come to its end once nothing is submitted any more."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="deploy/soak",
        description="Keeps a coordinator and two workers under a third of full load, and says which of their figures grow.",
        epilog="Exit code 1 where something grows beyond its limit, or was lost.")
    parser.add_argument("--minutes", type=float, default=15, help="how long, warm-up and all (default: 15)")
    parser.add_argument("--rate", type=float, help="runs a second (default: a third of what goes through)")
    parser.add_argument("--keep", type=int, default=60, metavar="SECONDS", help="how long ended runs are kept (default: 60)")
    parser.add_argument("--interval", type=float, default=3, metavar="SECONDS", help="between two samples (default: 3)")
    parser.add_argument("--seed", type=int, default=1, help="which shapes come when (default: 1)")
    parser.add_argument("--workers", type=int, default=2, help="(default: 2)")
    parser.add_argument("--slots", type=int, default=8, help="of each worker (default: 8)")
    parser.add_argument("--baton", type=Path, required=True, metavar="PATH", help="the program to be tested")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the curves there (default: soak.svg in the folder)")
    parser.add_argument("--folder", type=Path, help="for logs and data, a new one (default: in the folder for temporary files)")
    return parser.parse_args()


def warm_up(options: argparse.Namespace) -> float:
    """Seconds until everything that is kept for a time has reached its level."""
    return max(2.0 * options.keep, options.minutes * 60 / 5)


def lost(cluster: Cluster, ledger: Ledger) -> list[str]:
    """Accepted runs without an end, or whose end nobody was told of, after all had time to end."""
    deadline = time.monotonic() + SETTLING
    while ledger.open and time.monotonic() < deadline:
        time.sleep(0.2)
    sentences = []
    for run in ledger.open:
        try:
            status = cluster.api.run(run)["status"]
        except Refused as refusal:
            status = f"unknown ({refusal.status})"
        except Unreachable as error:
            status = f"unknown ({error})"
        what = "has ended, and no event told of it" if status in FINAL else "was accepted and has not ended"
        sentences.append(f"run {run} {what}: {status}")
    return sentences


def main() -> int:
    options = arguments()
    # As a Ctrl-C would: what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    seconds, warm = options.minutes * 60, warm_up(options)
    if seconds - warm < 40 * options.interval:
        print(f"soak: of {options.minutes:g} minutes {warm:.0f} s are warm-up (twice --keep, or a fifth), which leaves too few samples: "
              "give it more --minutes, or a shorter --keep", file=sys.stderr)
        return 2
    folder = options.folder or Path(tempfile.mkdtemp(prefix="baton-soak."))
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f}  {text}", flush=True)

    say(f"seed {options.seed}; logs and data in {folder}")
    with Cluster(options.baton, folder, options.workers, options.slots, options.keep) as cluster:
        ledger = Ledger()
        listener = Listener(cluster, ledger)
        listener.start()
        load = Load(cluster.http_port, ledger, options.seed)
        full = None
        rate = options.rate
        if rate is None:
            say("measuring full load")
            full = load.flood(settling=5, seconds=15)
            rate = full / 3
            say(f"{full:.0f} runs a second go through; a third is {rate:.1f}")
            if rate <= 0:
                print("soak: nothing goes through", file=sys.stderr)
                return 1
        say(f"{rate:.1f} runs a second for {options.minutes:g} minutes, of which {warm:.0f} s are warm-up")
        ledger.take_times()
        sampler = Sampler(cluster, ledger, options.interval)
        sampler.start()
        load.pace(rate, seconds)
        sampler.stop()
        late = load.late
        broken = lost(cluster, ledger)
        say(f"{ledger.accepted:,} runs accepted, {ledger.ended:,} ended; waiting for all of them to be removed")
        left = leftovers(cluster.database, options.keep * 2 + 120)
        listener.stop()
        broken += ledger.surprises + cluster.has_ended
        broken += [sentence for sentence in (listener.error, sampler.error) if sentence]
        broken += [f"{count:,} rows are left of what is gone: {name}" for name, count in left.items()]
        if late > 5:
            broken.append(f"at the end submissions were {late:.0f} s behind: the rate is more than goes through here")
        broken += cluster.end()

    trends = [(curve, trend(curve, warm, seconds)) for curve in sampler.curves.values()]
    growing = [curve.name for curve, found in trends if found and found.grows]
    title = f"{rate:.1f} runs a second for {options.minutes:g} minutes; the dark part is warm-up"
    svg = options.svg or folder / "soak.svg"
    svg.write_text(picture(title, trends, warm, seconds))
    if options.json:
        options.json.write_text(json.dumps({
            "minutes": options.minutes, "warmUpSeconds": warm, "keepSeconds": options.keep, "seed": options.seed, "fullLoad": full,
            "rate": rate, "accepted": ledger.accepted, "ended": ledger.ended, "growing": growing, "broken": broken,
            "curves": report.figures(trends)}, indent=1) + "\n")
    print("\n" + report.table(trends) + "\n")
    for sentence in broken[:50]:
        say(f"BROKEN: {sentence}")
    if growing:
        say(f"GROWS: {', '.join(growing)}")
    say(f"{'not ' if broken or growing else ''}as it should be; the curves are in {svg}")
    return 1 if broken or growing else 0


if __name__ == "__main__":
    sys.exit(main())
