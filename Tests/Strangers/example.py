"""The example's worker with the handlers that the examination asks for."""
import sys
import time

import worker

handler = None
take = worker.on_task


def on_task(channel, delivery, task, body, namespace):
    global handler
    handler = task.headers["baton-handler"]
    take(channel, delivery, task, body, namespace)


def run(inputs):
    if handler == "core.fail":
        raise type(inputs["type"], (Exception,), {})(inputs["message"])
    if handler == "core.sleep":
        return time.sleep(inputs["seconds"])
    if handler == "core.echo":
        return inputs
    raise LookupError(f"no handler {handler}")


worker.on_task, worker.run = on_task, run
worker.main(*sys.argv[1:])
