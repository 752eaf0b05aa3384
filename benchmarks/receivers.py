"""Callback receivers for measurements: one process, one port each, well and badly behaved."""

import asyncio
import contextlib
import hashlib
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Literal

Behaviour = Literal["well", "hangs", "fails", "closes"]
HANG_SECONDS = 30.0
_ANSWERS = {
    "well": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "fails": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops",
}


@dataclass(frozen=True)
class Arrival:
    """A callback: which receiver (its number), which webhook-id, when (UNIX time), what."""

    receiver: int
    webhook_id: str
    at: float
    digest: str


class Receivers:
    """Running receivers. Their behaviours are given in the order of their numbers."""

    def __init__(self, pipe: Connection, ports: list[int], behaviours: list[Behaviour]) -> None:
        self._pipe = pipe
        self.behaviours = behaviours
        self.urls = [f"http://127.0.0.1:{port}/callback" for port in ports]

    def take(self) -> list[Arrival]:
        """What has arrived since the last time."""
        self._pipe.send("take")
        return [Arrival(*one) for one in self._pipe.recv()]

    def count(self) -> int:
        """How many callbacks have arrived at well-behaved receivers since the last `take`."""
        self._pipe.send("count")
        return int(self._pipe.recv())


@contextlib.contextmanager
def receivers(behaviours: list[Behaviour]) -> Iterator[Receivers]:
    """Receivers on free ports of this machine for as long as the block runs."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=lambda: asyncio.run(_serve(there, behaviours)), daemon=True
    )
    process.start()
    try:
        yield Receivers(here, here.recv(), behaviours)
    finally:
        process.terminate()
        process.join()


async def _serve(pipe: Connection, behaviours: list[Behaviour]) -> None:
    arrivals: list[tuple[int, str, float, str]] = []
    servers = [
        await asyncio.start_server(
            lambda reader, writer, number=number, how=how: _answer(
                reader, writer, number, how, arrivals
            ),
            "127.0.0.1",
            0,
            backlog=512,
        )
        for number, how in enumerate(behaviours)
    ]
    pipe.send([server.sockets[0].getsockname()[1] for server in servers])
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def asked() -> None:
        try:
            question = pipe.recv()
        except EOFError:
            stopped.set()
            return
        if question == "count":
            pipe.send(sum(behaviours[number] == "well" for number, *_ in arrivals))
        else:
            pipe.send(arrivals)
            arrivals.clear()

    loop.add_reader(pipe.fileno(), asked)
    await stopped.wait()


async def _answer(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    number: int,
    how: Behaviour,
    arrivals: list[tuple[int, str, float, str]],
) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
            body = await reader.readexactly(int(headers["content-length"]))
            digest = hashlib.md5(body).hexdigest()
            arrivals.append((number, headers["webhook-id"], time.time(), digest))
            if how == "hangs":
                await asyncio.sleep(HANG_SECONDS)
            if how in ("hangs", "closes"):
                break
            writer.write(_ANSWERS[how])
            await writer.drain()
    writer.close()
