"""Programs that submit runs over HTTP: as many as go through, or so many a second."""

import http.client
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from soak.ledger import Ledger
from soak.shapes import Order, Shapes

PRODUCERS = 8
MOST_OPEN = 1000
"""Runs under way in the flood."""


class Producer:
    """One connection that is kept, and asked again by the same key where it breaks."""

    def __init__(self, port: int, ledger: Ledger) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._ledger = ledger

    def submit(self, order: Order, key: str, due: float) -> None:
        answer = self._ask("/v1/runs", order.document, {"idempotency-key": key})
        if answer is None:
            return
        self._ledger.accept(answer["id"], order.status, due if order.is_timed else None)
        if order.is_cancelled:
            self._ask(f"/v1/runs/{answer['id']}/cancel", {"reason": "soak"}, {})

    def _ask(self, path: str, body: Any, headers: dict[str, str]) -> Any:
        error: Exception | None = None
        for attempt in range(4):
            try:
                if self._connection.sock is None:
                    self._connection.connect()
                    self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connection.request("POST", path, json.dumps(body), {"content-type": "application/json", **headers})
                answer = self._connection.getresponse()
                text = answer.read()
                if answer.status < 300:
                    return json.loads(text)
                error = ValueError(f"{answer.status} {text[:300]!r}")
                if answer.status < 500:
                    break
            except (OSError, http.client.HTTPException) as failure:
                error = failure
                self._connection.close()
            time.sleep(0.2 * attempt)
        self._ledger.surprise(f"POST {path}: {error!r}")
        return None

    def close(self) -> None:
        self._connection.close()


class Load:
    def __init__(self, port: int, ledger: Ledger, seed: int) -> None:
        self._port = port
        self._ledger = ledger
        self._shapes = Shapes(seed)
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self.late = 0.0
        """Seconds by which the latest submission was behind its time."""

    def flood(self, settling: float, seconds: float) -> float:
        """Runs that end in a second when always as many as allowed are under way, after some seconds of it."""
        over = time.monotonic() + settling + seconds

        def turns() -> Iterator[float]:
            while time.monotonic() < over:
                if self._ledger.accepted - self._ledger.ended >= MOST_OPEN:
                    time.sleep(0.005)
                    continue
                yield time.monotonic()

        figures: list[tuple[float, int]] = []

        def watch() -> None:
            for pause in (settling, seconds):
                time.sleep(pause)
                figures.append((time.monotonic(), self._ledger.ended))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        self._produce(turns)
        watcher.join()
        (begin, before), (end, after) = figures
        return (after - before) / (end - begin)

    def pace(self, rate: float, seconds: float) -> None:
        """So many a second at equal distances. What comes late is counted from when it was due."""
        begin = time.monotonic()
        slots = itertools.count()

        def turns() -> Iterator[float]:
            while True:
                with self._lock:
                    due = begin + next(slots) / rate
                if due >= begin + seconds:
                    return
                self.late = max(0.0, time.monotonic() - due)
                time.sleep(max(0.0, due - time.monotonic()))
                yield due

        self._produce(turns)

    def _produce(self, turns: Callable[[], Iterator[float]]) -> None:
        def produce() -> None:
            producer = Producer(self._port, self._ledger)
            for due in turns():
                with self._lock:
                    order, number = self._shapes.next(), next(self._numbers)
                producer.submit(order, f"soak-{number}", due)
            producer.close()

        threads = [threading.Thread(target=produce, daemon=True) for _ in range(PRODUCERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
