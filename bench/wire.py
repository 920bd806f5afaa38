"""A wire to measure on: a TCP proxy that delays both ways, counts bytes and counts requests."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from dataclasses import dataclass

_REQUEST = re.compile(rb"(?:GET|POST|PUT|HEAD|DELETE) \S+ HTTP/1\.1\r\n")
_PART = 65_536


@dataclass
class Wire:
    """`port` leads to `to`. round_trip: seconds that a byte needs there and back, beside what the machine needs."""

    to: int
    round_trip: float = 0.0
    port: int = 0
    up: int = 0
    down: int = 0
    requests: int = 0

    def __enter__(self) -> Wire:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop)
        self._thread.join()

    async def _cut(self) -> None:
        carrying = asyncio.all_tasks() - {asyncio.current_task()}
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
        self._loop.stop()

    def reset(self) -> None:
        self.up = self.down = self.requests = 0

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._meet, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        self._loop.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        both = self._carry(reader, far_writer, up=True), self._carry(far_reader, writer, up=False)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*both, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        """Every part arrives half a round trip later; parts behind it do not wait for it."""
        line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, part = await line.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                if not part:
                    writer.close()
                    return
                writer.write(part)
                await writer.drain()

        delivering = asyncio.ensure_future(deliver())
        try:
            while part := await reader.read(_PART):
                if up:
                    self.up += len(part)
                    self.requests += len(_REQUEST.findall(part))
                else:
                    self.down += len(part)
                line.put_nowait((self._loop.time() + self.round_trip / 2, part))
        except ConnectionError:
            pass
        line.put_nowait((self._loop.time() + self.round_trip / 2, b""))
        try:
            await delivering
        except ConnectionError:
            writer.close()
