"""A TCP proxy before the broker, whose connections can be cut, delayed and held."""

import random
import select
import socket
import threading
import time
from dataclasses import dataclass, field


@dataclass(eq=False)
class Link:
    """One connection through the proxy: the client's side and the broker's."""

    client: socket.socket
    server: socket.socket
    ended: threading.Event = field(default_factory=threading.Event)

    def cut(self) -> None:
        """Both ends see a reset: what was on its way is lost."""
        self.ended.set()
        for end in (self.client, self.server):
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        self.ended.set()
        for end in (self.client, self.server):
            end.close()


class Proxy:
    """Listens on loopback; each direction of a connection is copied by a thread of its own."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.delay = 0.0
        """Seconds that each piece waits before it goes on."""
        self.is_open = True
        """False refuses new connections."""
        self._held = threading.Event()
        self._held.set()
        self._links: set[Link] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, share: float, random: random.Random) -> int:
        """Cuts this part of the connections, at least one. Returns how many."""
        with self._lock:
            links = sorted(self._links, key=id)
        chosen = [link for link in links if random.random() < share] or links[:1]
        for link in chosen:
            link.cut()
        return len(chosen)

    def hold(self) -> None:
        """Passes nothing on, as a network without a route."""
        self._held.clear()

    def let_go(self) -> None:
        self._held.set()

    def close(self) -> None:
        self._listener.close()
        self.let_go()
        with self._lock:
            links = list(self._links)
        for link in links:
            link.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self.is_open:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(client, server)
        with self._lock:
            self._links.add(link)
        back = threading.Thread(target=self._copy, args=(link, server, client), daemon=True)
        back.start()
        self._copy(link, client, server)
        back.join()
        with self._lock:
            self._links.discard(link)
        link.close()

    def _copy(self, link: Link, source: socket.socket, target: socket.socket) -> None:
        try:
            while not link.ended.is_set():
                if not select.select([source], [], [], 0.5)[0]:
                    continue
                data = source.recv(65536)
                if not data:
                    break
                if self.delay > 0:
                    time.sleep(self.delay)
                while not self._held.wait(0.5):
                    if link.ended.is_set():
                        return
                target.sendall(data)
        except (OSError, ValueError):
            pass
        link.ended.set()
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
