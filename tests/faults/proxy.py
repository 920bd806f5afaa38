"""A network that misbehaves: between phones and server, deciding from a seed what becomes of each request."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections import Counter
from random import Random

FAULTS = {
    "pass": 8,
    "request lost": 1,
    "request cut": 1,
    "answer lost": 2,
    "answer cut": 1,
    "sent twice": 2,
    "delivered late": 2,  # after requests that were made after it
    "in crumbs": 1,
}
_LENGTH = re.compile(rb"content-length: *(\d+)", re.I)


class Proxy:
    """One request a connection. What is late is delivered once the next one has gone through; its answer is lost."""

    def __init__(self, port: int, seed: int) -> None:
        self.upstream, self.random = port, Random(seed)
        self.happened: Counter[str] = Counter()
        self.parked: list[bytes] = []
        self.lock = threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.open = True
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    def close(self) -> None:
        """No more requests; what is still parked is delivered now."""
        self.open = False
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.acceptor.join(timeout=30)
        self._deliver_parked()

    def _accept(self) -> None:
        while self.open:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(120)
            request = _whole(client)
            if not request:
                return
            with self.lock:
                fault = self.random.choices([*FAULTS], [*FAULTS.values()])[0]
                share = self.random.random()
                self.happened[fault] += 1
            answer = self._travel(fault, share, request)
            if answer:
                client.sendall(answer)
                if fault != "answer cut":
                    self._deliver_parked()

    def _travel(self, fault: str, share: float, request: bytes) -> bytes:
        """What reaches the phone."""
        match fault:
            case "request lost":
                return b""
            case "request cut":
                self._ask(request[: int(len(request) * share)])
                return b""
            case "answer lost":
                self._ask(request)
                return b""
            case "answer cut":
                answer = self._ask(request)
                return answer[: int(len(answer) * share)]
            case "sent twice":
                twin = threading.Thread(target=self._ask, args=(request,), daemon=True)
                twin.start()
                answer = self._ask(request)
                twin.join(timeout=120)
                return answer
            case "delivered late":
                with self.lock:
                    self.parked.append(request)
                return b""
            case "in crumbs":
                return self._ask(request, crumb=700)
            case _:
                return self._ask(request)

    def _ask(self, request: bytes, crumb: int = 1 << 20) -> bytes:
        """Send it on and read the whole answer; empty when the server is not there to give one."""
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.upstream), 120) as server,
        ):
            for start in range(0, len(request), crumb):
                server.sendall(request[start : start + crumb])
            server.shutdown(socket.SHUT_WR)
            return _rest(server)
        return b""

    def _deliver_parked(self) -> None:
        with self.lock:
            late, self.parked = self.parked, []
        for request in late:
            self._ask(request)


def _whole(client: socket.socket) -> bytes:
    """One HTTP request with its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    found = _LENGTH.search(head)
    missing = int(found.group(1)) - len(body) if found else 0
    while missing > 0:
        piece = client.recv(min(65536, missing))
        if not piece:
            return b""
        data, missing = data + piece, missing - len(piece)
    return data


def _rest(server: socket.socket) -> bytes:
    pieces = []
    while piece := server.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)
