"""A worker of level 3 for tests, in a form that lets others get one thing wrong. Needs pika.

It leaves when its connection is lost: whoever started it starts it again.
"""
import json
import os
import threading
import time
import uuid

import pika


def seconds(text):
    return float(text[:-2]) / 1000 if text.endswith("ms") else float(text.rstrip("s"))


class Task:
    """An attempt that is at hand."""

    def __init__(self, properties, body, tag):
        self.properties, self.body, self.tag = properties, body, tag
        self.headers = properties.headers or {}
        self.attempt = properties.message_id
        self.stop = threading.Event()
        self.began = time.monotonic()
        self.leasing = False


class Stranger:
    def __init__(self):
        self.namespace, self.queue = os.environ["BATON_NAMESPACE"], os.environ["BATON_QUEUE"]
        self.lease_after = seconds(os.environ.get("BATON_LEASE_AFTER", "300s"))
        self.worker = f"stranger-{uuid.uuid4()}"
        self.control = f"{self.namespace}.control.{self.worker}"
        self.running, self.claimed, self.cancelled = {}, {}, {}
        self.welcomed = False
        self.connection = pika.BlockingConnection(pika.URLParameters(os.environ["BATON_AMQP_URL"]))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.channel.basic_qos(prefetch_count=4)

    # What others get wrong.

    def settle(self, task, kind, content):
        self.report(task, kind, content)
        self.acknowledge(task)

    def attempt_of(self, task):
        return task.attempt

    def cancel(self, attempt, reason):
        self.cancelled[attempt] = reason
        if attempt in self.running:
            self.running[attempt].stop.set()

    # Reports.

    def publish(self, key, kind, correlation=None, headers=None, content=None, **properties):
        headers = {"baton-protocol": 1, "baton-worker": self.worker, **(headers or {})}
        self.channel.basic_publish(
            f"{self.namespace}.reports", key, b"" if content is None and kind != "completed" else json.dumps(content),
            pika.BasicProperties(
                type=kind, correlation_id=correlation, content_type="application/json", delivery_mode=2, headers=headers,
                **properties),
            mandatory=True)

    def report(self, task, kind, content=None, **properties):
        headers = {name: task.headers[name] for name in ("baton-run", "baton-task", "baton-attempt")}
        self.publish(task.properties.reply_to, kind, self.attempt_of(task), headers, content, **properties)

    def acknowledge(self, task):
        if task.tag is not None:
            self.channel.basic_ack(task.tag)
            task.tag = None

    def announce(self):
        state = "running" if self.welcomed else "starting"
        self.publish("0", "worker", content={
            "worker": self.worker, "state": state, "handlers": [{"name": "core.echo", "hooks": []}], "queues": [self.queue],
            "slots": 4, "tags": [], "running": sorted(self.running), "controlQueue": self.control, "host": "here",
            "startedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})

    # Tasks.

    def on_task(self, channel, delivery, properties, body):
        task = Task(properties, body, delivery.delivery_tag)
        if int(task.headers.get("baton-protocol", 1)) > 1:
            properties.headers |= {
                "baton-parked-reason": "a protocol that is not known",
                "baton-parked-from": f"{self.namespace}.tasks.{delivery.routing_key}",
                "baton-parked-at": int(time.time() * 1000)}
            channel.basic_publish(f"{self.namespace}.parking", "", body, properties, mandatory=True)
            return self.acknowledge(task)
        if task.attempt in self.cancelled:
            return self.settle(task, "cancelled", {"message": self.cancelled[task.attempt]})
        if delivery.redelivered or task.headers.get("baton-claim"):
            self.claimed[task.attempt] = task
            return self.report(task, "claim", reply_to=self.control)
        self.start(task)

    def start(self, task):
        self.running[task.attempt] = task
        self.report(task, "started")
        threading.Thread(target=self.work, args=[task], daemon=True).start()

    def work(self, task):
        try:
            outcome = "completed", self.run(task)
        except Exception as error:
            outcome = "failed", {"type": getattr(error, "type", type(error).__name__), "message": str(error)}
        if task.stop.is_set():
            outcome = "cancelled", {"message": self.cancelled.get(task.attempt)}
        self.connection.add_callback_threadsafe(lambda: self.ended(task, *outcome))

    def run(self, task):
        inputs = json.loads(task.body or "{}").get("inputs")
        handler = task.headers["baton-handler"]
        if handler == "core.sleep":
            task.stop.wait(inputs["seconds"])
            return None
        if handler == "core.fail":
            error = Exception(inputs["message"])
            error.type = inputs["type"]
            raise error
        if handler == "core.echo":
            return inputs
        raise LookupError(f"no handler {handler}")

    def ended(self, task, kind, content):
        del self.running[task.attempt]
        self.settle(task, kind, content)

    # Control.

    def on_control(self, channel, delivery, properties, body):
        said = json.loads(body or "{}")
        if properties.type == "cancel":
            for attempt in said["attempts"]:
                self.cancel(attempt, said.get("reason"))
            if properties.message_id:
                self.publish("0", "seen", properties.message_id)
        elif properties.type == "welcome":
            for attempt in said["cancelled"]:
                self.cancel(attempt, None)
            if not self.welcomed:
                self.welcomed = True
                for priority in range(4):
                    channel.basic_consume(f"{self.namespace}.tasks.{self.queue}.p{priority}", self.on_task)
            self.announce()
        elif properties.type == "claimed":
            for attempt in said["refused"]:
                if task := self.claimed.pop(attempt, None):
                    self.acknowledge(task)
            for attempt in said["granted"]:
                if task := self.claimed.pop(attempt, None):
                    self.start(task)
        elif properties.type == "leased":
            for attempt in said["attempts"]:
                if task := self.running.get(attempt):
                    self.acknowledge(task)
        elif properties.type == "announce":
            self.announce()

    def serve(self):
        self.channel.queue_declare(self.control, exclusive=True, auto_delete=True)
        self.channel.queue_bind(self.control, f"{self.namespace}.control", "")
        self.channel.basic_consume(self.control, self.on_control, auto_ack=True)
        self.announce()
        beat = time.monotonic()
        while True:
            self.connection.process_data_events(time_limit=0.1)
            if time.monotonic() - beat < 0.4:
                continue
            beat = time.monotonic()
            for task in list(self.running.values()):
                self.report(task, "heartbeat")
                if not task.leasing and beat - task.began > self.lease_after:
                    task.leasing = True
                    self.report(task, "lease")
