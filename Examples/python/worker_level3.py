#!/usr/bin/env python3
"""A worker of level 3: it shows signs of life, can be stopped, and runs for long. Needs pika.

usage: worker_level3.py AMQP_URL QUEUE [NAMESPACE]
"""
import json, os, queue, sys, threading, time, types, uuid
import pika

def fail(inputs, stop): raise type(inputs.get("type", "error"), (Exception,), {})(inputs["message"])
HANDLERS = {"core.echo": lambda inputs, stop: inputs, "core.fail": fail,  # stop: an event, set when the handler should stop
            "core.sleep": lambda inputs, stop: stop.wait(inputs["seconds"]) or None}

class Worker:
    def __init__(self, url, name, ns="baton"):
        self.id, self.name, self.ns, self.born = f"python-{uuid.uuid4().hex[:12]}", name, ns, time.gmtime()
        self.inbox, self.ended, self.running, self.claims, self.cancelled = [], queue.Queue(), {}, {}, set()
        self.welcomed, self.spoke, self.lease_after = False, 0, float(os.environ.get("BATON_LEASE_AFTER", "300s")[:-1])
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel, self.control = self.connection.channel(), f"{ns}.control.{self.id}"
        self.channel.confirm_delivery()  # from here on basic_publish returns when the message is confirmed
        self.channel.basic_qos(prefetch_count=1)
        self.channel.queue_declare(self.control, exclusive=True, auto_delete=True)
        self.channel.queue_bind(self.control, f"{ns}.control")
        self.channel.basic_consume(self.control, lambda _, d, props, body: self.told(props, json.loads(body or "{}")), auto_ack=True)
    def send(self, kind, body=None, about=None, answers="", **headers):
        headers |= {n: v for n, v in about.headers.items() if n in ("baton-run", "baton-task", "baton-attempt")} if about else {}
        self.channel.basic_publish(f"{self.ns}.reports", about.reply_to if about else "0", json.dumps(body), pika.BasicProperties(
            type=kind, correlation_id=about.message_id if about else answers, content_type="application/json", delivery_mode=2,
            reply_to=self.control, headers=headers | {"baton-protocol": 1, "baton-worker": self.id}), mandatory=True)
    def told(self, props, body):
        for attempt in body.get("attempts", []) + body.get("cancelled", []) if props.type in ("cancel", "welcome") else []:
            self.cancelled.add(attempt)  # one that comes later is not started, one that runs is told to stop
            if attempt in self.running: self.running[attempt].stop.set()
        if props.type == "cancel" and props.message_id: self.send("seen", answers=props.message_id)
        for run in [self.running[a] for a in body.get("attempts", []) if props.type == "leased" and a in self.running]:
            run.tag = run.tag and self.channel.basic_ack(run.tag)
        for attempt in body.get("granted", []): self.inbox.append((*self.claims.pop(attempt), True))
        for attempt in body.get("refused", []): self.channel.basic_ack(self.claims.pop(attempt)[0].delivery_tag)
        for priority in range(4) if props.type == "welcome" and not self.welcomed else []:
            self.channel.basic_consume(f"{self.ns}.tasks.{self.name}.p{priority}", lambda *message: self.inbox.append(message[1:]))
            self.welcomed = True
    def arrived(self, delivery, props, body, granted=False):
        attempt, tag, claim = props.message_id, delivery.delivery_tag, props.headers.get("baton-claim")
        if int(props.headers.get("baton-protocol", 1)) > 1: return self.channel.basic_reject(tag, requeue=False)  # parks it
        if not granted and (delivery.redelivered or str(claim).lower() == "true"):
            self.claims[attempt] = delivery, props, body  # somebody else may have it: ask first
            return self.send("claim", about=props, **{"baton-redelivered": delivery.redelivered})
        self.running[attempt] = run = types.SimpleNamespace(
            props=props, tag=tag, stop=threading.Event(), began=time.time(), beat=0, lease=self.lease_after)
        if attempt in self.cancelled: return self.ended.put((attempt, "cancelled", None))
        self.send("started", about=props)
        def work():
            try: outcome = "completed", HANDLERS[props.headers["baton-handler"]](json.loads(body).get("inputs"), run.stop)
            except Exception as error: outcome = "failed", {"type": type(error).__name__, "message": str(error)}
            self.ended.put((attempt, *(("cancelled", None) if run.stop.is_set() else outcome)))
        threading.Thread(target=work, daemon=True).start()
    def serve(self):
        while True:
            self.connection.process_data_events(0.05)
            while self.inbox: self.arrived(*self.inbox.pop(0))
            while not self.ended.empty():
                attempt, kind, body = self.ended.get()
                self.send(kind, body, about=self.running[attempt].props)
                tag = self.running.pop(attempt).tag
                if tag: self.channel.basic_ack(tag)  # only now, unless its lease was granted
            for run in self.running.values():
                ran = time.time() - run.began
                if ran > run.beat + min(10, float(run.props.headers.get("baton-heartbeat", 30000)) / 3000):
                    run.beat, _ = ran, self.send("heartbeat", about=run.props)
                if run.tag and ran > run.lease: run.lease, _ = ran + 30, self.send("lease", about=run.props)
            if time.time() > self.spoke + (10 if self.welcomed else 5):
                self.spoke, _ = time.time(), self.send("worker", {
                    "worker": self.id, "state": "running" if self.welcomed else "starting", "queues": [self.name], "slots": 4, "tags": [],
                    "handlers": [{"name": n, "hooks": []} for n in HANDLERS], "running": list(self.running), "host": os.uname().nodename,
                    "controlQueue": self.control, "startedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", self.born)})

while __name__ == "__main__":
    try: Worker(*(sys.argv[1:] if len(sys.argv) in (3, 4) else sys.exit(__doc__))).serve()
    except pika.exceptions.AMQPError: time.sleep(0.5)  # what was not acknowledged comes again
