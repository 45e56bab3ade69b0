"""apflow: a tree of tasks in one process, on SQLite."""

import json
from importlib import metadata
from pathlib import Path

from comparison.environment import ROOT, Environment
from comparison.process import Process
from comparison.sample import Sample, expect

name = "apflow"
PATIENCE = 900

settings = (
    "one process without a broker, on SQLite in a file, both as it comes (its cluster mode needs PostgreSQL and leases tasks to nodes by it); "
    "the executors are async functions; the root of the tree counts as one of the tasks. "
    "It reads the whole tree after each task, so that its rate falls with the size"
)


def version() -> str:
    return metadata.version("apflow")


def fan_out(environment: Environment, tasks: int) -> Sample:
    """A tree whose root has all others as children, which wait for nothing else and do nothing."""
    sample, _ = _run(environment, "fan-out", tasks)
    return sample


def chain(environment: Environment, tasks: int) -> Sample:
    """So many tasks one after the other, each of which adds 1 to the result of the one before."""
    sample, value = _run(environment, "chain", tasks)
    expect(value, tasks, "the result of the chain")
    return sample


def _run(environment: Environment, shape: str, tasks: int) -> tuple[Sample, int]:
    log = environment.log(f"apflow-{shape}")
    command: list[str | Path] = [environment.python, "-m", "comparison.peers.apflow_tasks", shape, str(tasks), str(log.with_suffix(".db"))]
    with Process(command, log, {"PYTHONPATH": str(ROOT / "Benchmarks")}, environment.folder) as process:
        printed = process.wait(PATIENCE)
    figures = json.loads(printed.splitlines()[-1])
    expect(figures["completed"], tasks, "tasks that are recorded as completed")
    extra = {"process_cpu_seconds": figures["cpu_seconds"], "process_peak_bytes": figures["peak_bytes"]}
    return Sample(figures["seconds"], tasks, extra), figures["value"]
