#!/usr/bin/env python3
"""A worker without an SDK: takes the tasks of one queue, at normal priority, and answers each. Needs pika.

usage: worker.py AMQP_URL QUEUE [NAMESPACE]
"""
import json
import sys
import time

import pika


def run(inputs):
    """The work itself: what it returns is the task's result, what it raises is the task's error."""
    return {"worker": "python", "inputs": inputs}


def answer(body):
    """The type and the body of the report."""
    try:
        return "completed", run(json.loads(body).get("inputs"))
    except Exception as error:
        return "failed", {"type": type(error).__name__, "message": str(error)}


def on_task(channel, delivery, task, body, namespace):
    kind, content = answer(body)
    # Returns when the broker has confirmed the report, and raises if it could not be routed. Only then is the task's message
    # acknowledged: dying in between means that the task runs again, and never that it is lost.
    channel.basic_publish(
        exchange=f"{namespace}.reports", routing_key=task.reply_to, body=json.dumps(content), mandatory=True,
        properties=pika.BasicProperties(
            type=kind, correlation_id=task.message_id, content_type="application/json", delivery_mode=2))
    channel.basic_ack(delivery.delivery_tag)
    print(kind, task.message_id, flush=True)


def main(url, queue, namespace="baton"):
    connection = pika.BlockingConnection(pika.URLParameters(url))
    while True:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_qos(prefetch_count=1)
        try:
            channel.basic_consume(f"{namespace}.tasks.{queue}.p2", lambda *delivery: on_task(*delivery, namespace))
            channel.start_consuming()
        except pika.exceptions.ChannelClosedByBroker as closed:
            if closed.reply_code != 404:
                raise
            time.sleep(0.5)  # the queue comes with the first task for it


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
