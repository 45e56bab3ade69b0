#!/usr/bin/env python3
"""Has one task run, and prints its result. Needs pika.

usage: submit_task.py AMQP_URL HANDLER INPUTS [NAMESPACE]        INPUTS is JSON, such as '{"orderId": 42}'
"""
import json
import sys
import uuid

import pika


def call(channel, namespace, handler, inputs, priority=2):
    """What the task results in; raises where it fails or is refused."""
    answers = channel.queue_declare("", exclusive=True).method.queue
    correlation = str(uuid.uuid4())
    channel.basic_publish(
        exchange=f"{namespace}.submit", routing_key=f"-.{handler}", body=json.dumps(inputs), mandatory=True,
        properties=pika.BasicProperties(
            type="task", content_type="application/json", message_id=correlation, correlation_id=correlation,
            reply_to=answers, delivery_mode=2,
            headers={"baton-handler": handler, "baton-priority": priority, "baton-reply": "result"}))
    for _, answer, body in channel.consume(answers, auto_ack=True):
        if answer.correlation_id != correlation or answer.type == "accepted":
            continue
        outcome = json.loads(body)
        if answer.type == "completed":
            return outcome["result"]
        raise RuntimeError(outcome.get("message") or outcome["error"]["message"])


def main(url, handler, inputs, namespace="baton"):
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    channel.confirm_delivery()
    print(json.dumps(call(channel, namespace, handler, json.loads(inputs))))


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except pika.exceptions.UnroutableError:
        sys.exit("there is no coordinator: nobody has declared the queue of submissions")
    except RuntimeError as error:
        sys.exit(f"failed: {error}")
