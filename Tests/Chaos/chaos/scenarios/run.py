"""Runs scenarios, one after the other."""

import traceback
from collections.abc import Callable
from pathlib import Path

from chaos.scenarios import SCENARIOS
from chaos.scenarios.outcome import Outcome


def run_scenarios(names: list[str], baton: Path, folder: Path, say: Callable[[str], None]) -> list[Outcome]:
    outcomes = []
    for name in names:
        say(f"scenario {name}")
        try:
            outcomes.append(SCENARIOS[name](baton, folder / name))
        except Exception as error:  # one that fails says so, and the others run
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / "failure").write_text(traceback.format_exc())
            outcomes.append(Outcome(name, "the scenario comes to its end", broken=[f"{type(error).__name__}: {error}"]))
        print(outcomes[-1].text, flush=True)
    return outcomes
