#!/usr/bin/env python3
"""Submits a graph and waits for its outcome. Needs pika.

usage: submit_graph.py AMQP_URL FILE [NAMESPACE]        FILE is a graph document, as JSON or YAML

Prints the answers, one a line; exits with 0 when the run completed, and with 1 otherwise.
"""
import json
import sys
import uuid

import pika


def main(url, path, namespace="baton"):
    with open(path, "rb") as file:
        document = file.read()
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.confirm_delivery()
    # Where the answers come: a queue of our own, which goes when we do.
    answers = channel.queue_declare("", exclusive=True).method.queue
    correlation = str(uuid.uuid4())
    # Returns when the broker has the submission on disk, and raises where nobody would get it. Sent again with the same message
    # id, after a crash of ours, it makes no second run.
    channel.basic_publish(
        exchange=f"{namespace}.submit", routing_key="-.graph", body=document, mandatory=True,
        properties=pika.BasicProperties(
            type="graph", content_type="application/json" if path.endswith(".json") else "application/yaml",
            message_id=correlation, correlation_id=correlation, reply_to=answers, delivery_mode=2,
            headers={"baton-reply": "result"}))
    for delivery, answer, body in channel.consume(answers, auto_ack=True):
        if answer.correlation_id != correlation:
            continue
        print(answer.type, json.dumps(json.loads(body)), flush=True)
        if answer.type != "accepted":
            sys.exit(0 if answer.type == "completed" else 1)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except pika.exceptions.UnroutableError:
        sys.exit("there is no coordinator: nobody has declared the queue of submissions")
