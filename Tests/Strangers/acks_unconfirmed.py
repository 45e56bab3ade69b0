"""Publishes its report and acknowledges at once: the broker may not have the report yet, and may never."""
import json
import os

import pika

namespace, queue = os.environ["BATON_NAMESPACE"], os.environ["BATON_QUEUE"]


def on_task(channel, delivery, task, body):
    try:
        kind, content = "completed", json.loads(body).get("inputs")
    except Exception as error:
        kind, content = "failed", {"type": "unreadable", "message": str(error)}
    if task.headers["baton-handler"] == "core.fail":
        kind = "failed"
    channel.basic_publish(
        f"{namespace}.reports", task.reply_to, json.dumps(content),
        pika.BasicProperties(type=kind, correlation_id=task.message_id, content_type="application/json", delivery_mode=2),
        mandatory=True)
    channel.basic_ack(delivery.delivery_tag)


def on_channel(channel):
    channel.confirm_delivery(lambda frame: None)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(f"{namespace}.tasks.{queue}.p2", on_task)


connection = pika.SelectConnection(
    pika.URLParameters(os.environ["BATON_AMQP_URL"]),
    on_open_callback=lambda connection: connection.channel(on_open_callback=on_channel),
    on_close_callback=lambda connection, error: connection.ioloop.stop())
connection.ioloop.start()
