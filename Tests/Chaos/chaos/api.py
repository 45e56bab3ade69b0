"""The coordinator's HTTP API, as any program would use it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote

Object = dict[str, Any]
PAGE = 1000


class Unreachable(Exception):
    """Nothing is known of what became of the request."""


class Refused(Exception):
    """The coordinator answered with an error."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status} {body[:500]}")
        self.status = status
        self.body = body


@dataclass(frozen=True)
class API:
    port: int
    limit: float = 20

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=self.limit)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"content-type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException) as error:
            raise Unreachable(str(error)) from error
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """Looking again does no harm: an answer that doesn't come is asked for once more."""
        try:
            return self._accepted(*self.ask("GET", path))
        except Unreachable:
            time.sleep(1)
            return self._accepted(*self.ask("GET", path))

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        return self._accepted(*self.ask("POST", path, body, headers))

    @staticmethod
    def _accepted(status: int, body: str) -> Any:
        if status >= 300:
            raise Refused(status, body)
        return json.loads(body)

    @property
    def is_ready(self) -> bool:
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except Unreachable:
            return False

    def submit(self, document: Object, key: str | None = None) -> Object:
        return self.post("/v1/runs", document, {"idempotency-key": key} if key else None)

    def run(self, run: str) -> Object:
        return self.get(f"/v1/runs/{run}")

    def runs(self, query: str = "") -> Iterator[Object]:
        return self._pages(f"/v1/runs?limit={PAGE}{query}")

    def tasks(self, run: str) -> Iterator[Object]:
        return self._pages(f"/v1/runs/{run}/tasks?limit={PAGE}")

    def task(self, run: str, task: str) -> Object:
        return self.get(f"/v1/runs/{run}/tasks/{quote(task)}")

    def workers(self) -> list[Object]:
        return self.get("/v1/workers")["items"]

    def events(self, run: str) -> list[Object]:
        events: list[Object] = []
        while True:
            page = self.get(f"/v1/runs/{run}/events?limit={PAGE}&after={events[-1]['id'] if events else 0}")["items"]
            if not page:
                return events
            events += page

    def _pages(self, path: str) -> Iterator[Object]:
        cursor = ""
        while True:
            page = self.get(path + cursor)
            yield from page["items"]
            if not page.get("cursor"):
                return
            cursor = "&cursor=" + quote(page["cursor"])
