#!/usr/bin/env python3
"""Prints what happens, as it happens, one event a line. Needs pika.

usage: listen_events.py AMQP_URL [PATTERN] [NAMESPACE]

PATTERN is a topic pattern of routing keys, by default '#' for all:
  run.order.completed          runs named order that complete
  run.*.failed                 all runs that fail, where names have no dots
  task.payments.charge.*       whatever becomes of the tasks of one handler
"""
import json
import sys

import pika


def main(url, pattern="#", namespace="baton"):
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    # Goes with this program. A durable queue of a name of its own would keep the events that come meanwhile.
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, f"{namespace}.events", routing_key=pattern)
    print("listening", flush=True)
    last = {}
    for delivery, _, body in channel.consume(queue):
        event = json.loads(body)
        # Each comes at least once, and in its run's order: what has been seen is passed over.
        if event["id"] > last.get(event["run"], 0):
            last[event["run"]] = event["id"]
            print(event["run"], event["id"], event["type"], event.get("task", "-"), flush=True)
            if event["type"] in ("run.completed", "run.failed", "run.cancelled"):
                del last[event["run"]]
        channel.basic_ack(delivery.delivery_tag)


if __name__ == "__main__":
    if len(sys.argv) > 4 or len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
