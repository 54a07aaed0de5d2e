"""A TCP proxy between the site and its database, which can be slow and can be cut."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

CHUNK = 65536
T = TypeVar("T")


class Link:
    """Listens on ``port`` and hands on to a Unix socket, after ``delay`` seconds a piece in either direction."""

    def __init__(self, target: Path) -> None:
        self.delay = 0.0
        self._target = target
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = int(server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """End every connection, in the middle of whatever it carries, and take no other."""
        self._is_cut = True
        self._run(self._abort())

    def mend(self) -> None:
        """Take connections again, without delay."""
        self._is_cut, self.delay = False, 0.0

    def _run(self, coroutine: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            answers, asks = await asyncio.open_unix_connection(str(self._target))
        except OSError:
            writer.transport.abort()
            return
        both = {writer, asks}
        self._writers |= both
        await asyncio.gather(self._hand_on(reader, asks), self._hand_on(answers, writer))
        self._writers -= both

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(piece)
                await writer.drain()
        writer.close()
