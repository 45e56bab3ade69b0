import pika
from stranger import Stranger


class ParksBare(Stranger):
    """Parks a copy that doesn't say why it is there."""

    def on_task(self, channel, delivery, properties, body):
        if int(properties.headers.get("baton-protocol", 1)) == 1:
            return super().on_task(channel, delivery, properties, body)
        bare = pika.BasicProperties(type=properties.type, message_id=properties.message_id, delivery_mode=2)
        channel.basic_publish(f"{self.namespace}.parking", "", body, bare, mandatory=True)
        channel.basic_ack(delivery.delivery_tag)


ParksBare().serve()
