#!/usr/bin/env python3
"""A Celery application whose task runs on a Baton worker. Needs celery.

    baton coordinator --celery-queue orders
    celery_client.py AMQP_URL orders
"""
import sys

from celery import Celery

url, queue = sys.argv[1:3]
app = Celery(broker=url, backend="rpc://")

result = app.send_task("core.echo", kwargs={"orderId": 42}, queue=queue)
print("the result:", result.get(timeout=30))

try:
    app.send_task("core.fail", kwargs={"message": "no funds", "type": "ValueError"}, queue=queue).get(timeout=30)
except ValueError as error:
    print("the exception:", error)
