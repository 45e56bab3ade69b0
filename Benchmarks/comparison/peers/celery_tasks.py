"""The Celery application that is measured, as its workers import it."""

import os

from celery import Celery
from celery.signals import worker_ready

READY = "the worker takes tasks"
AMQP_URL = "COMPARISON_AMQP_URL"
REDIS_URL = "COMPARISON_REDIS_URL"


def application(amqp_url: str, redis_url: str) -> Celery:
    """Nothing may be lost when a worker or the broker dies, as with Baton; otherwise as Celery's documentation advises for short tasks."""
    app = Celery("comparison", broker=amqp_url, backend=redis_url)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=64,
        task_default_delivery_mode="persistent",
        task_default_queue_type="quorum",
        worker_detect_quorum_queues=True,
        broker_transport_options={"confirm_publish": True},
        broker_connection_retry_on_startup=True,
        task_ignore_result=False,
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
    )

    @app.task(name="nothing", shared=False)
    def nothing() -> None:
        return None

    @app.task(name="count", shared=False)
    def count(results: list[None]) -> int:
        return len(results)

    @app.task(name="add_one", shared=False)
    def add_one(value: int) -> int:
        return value + 1

    return app


if AMQP_URL in os.environ:
    app = application(os.environ[AMQP_URL], os.environ[REDIS_URL])


@worker_ready.connect
def _ready(**_: object) -> None:
    print(READY, flush=True)
