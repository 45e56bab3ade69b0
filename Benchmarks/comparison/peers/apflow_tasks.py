"""Runs one tree of tasks in apflow, in this process, and prints what it took and what came out: `fan-out|chain TASKS DATABASE`."""

import asyncio
import json
import logging
import resource
import sys
import time
from typing import Any

from apflow import create_session, function_executor
from apflow.core.execution.task_executor import TaskExecutor
from apflow.core.storage.sqlalchemy.models import TaskModel

Task = dict[str, Any]


@function_executor(id="nothing", description="Does nothing.", result_format="raw")
async def nothing(inputs: Task) -> Task:
    return {"value": 0}


@function_executor(id="add_one", description="Adds one to the value of the task before.", result_format="raw")
async def add_one(inputs: Task) -> Task:
    found = _values(inputs)
    return {"value": 1 + (found[0] if found else 0)}


def _values(inputs: Task) -> list[int]:
    """What came from dependencies: under their ids, as they returned it."""
    return [item["value"] for item in inputs.values() if isinstance(item, dict) and "value" in item]


def _task(id: str, executor: str, **rest: Any) -> Task:
    return {"id": id, "name": id, "user_id": "comparison", "params": {"executor_id": executor}, "inputs": {}, **rest}


def fan_out(tasks: int, name: str) -> list[Task]:
    """A root, and the others below it, which wait for nothing else."""
    return [_task(name, "nothing")] + [_task(f"{name}-{number}", "nothing", parent_id=name) for number in range(1, tasks)]


def chain(tasks: int, name: str) -> list[Task]:
    """Each waits for the one before."""
    result = [_task(name, "add_one")]
    for number in range(1, tasks):
        before = result[-1]["id"]
        result.append(_task(f"{name}-{number}", "add_one", parent_id=name, dependencies=[{"id": before, "required": True}]))
    return result


async def _run(tasks: list[Task], database: str) -> dict[str, float | int]:
    session = create_session(path=database)
    start, cpu = time.perf_counter(), time.process_time()
    await TaskExecutor().execute_tasks(tasks, db_session=session)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    session.expire_all()
    ids = {task["id"] for task in tasks}
    rows = [row for row in session.query(TaskModel).all() if row.id in ids]
    last = next(row for row in rows if row.id == tasks[-1]["id"])
    completed = sum(row.status == "completed" for row in rows)
    value = (last.result or {}).get("value", -1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "completed": completed, "value": value, "cpu_seconds": round(cpu, 2), "peak_bytes": peak}


async def _main(shape: str, tasks: int, database: str) -> None:
    build = {"fan-out": fan_out, "chain": chain}[shape]
    await _run(build(min(tasks, 10), "warm-up"), database)
    print(json.dumps(await _run(build(tasks, "measured"), database)))


if __name__ == "__main__":
    logging.disable(logging.INFO)
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
