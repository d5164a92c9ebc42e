"""Sessions of the app without a browser: websockets that speak Streamlit's protocol, so the server runs exactly what it runs for people."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import websockets
from measure import REPOSITORY
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

FAILED = (
    "This page failed",
    "This question could not be answered",
    "The database cannot be read",
    "No data yet",
    "could not be built",
)


@contextmanager
def server(database: Path) -> Iterator[tuple[str, int]]:
    """Serve a database with the app as it is here; gives host:port and the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
    environment = {**os.environ, "CLOSED_LOOP_DB": str(database)}
    log = Path(f"{database}.server.log")
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=out, stderr=out)
        try:
            for _ in range(300):
                try:
                    with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=1):
                        break
                except OSError:
                    time.sleep(0.2)
            else:
                raise RuntimeError(f"the server did not start: {log.read_text(encoding='utf-8')[-2000:]}")
            yield f"localhost:{port}", process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)
    said = log.read_text(encoding="utf-8")
    if "Traceback" in said:
        raise RuntimeError(f"the server's log holds an error:\n{said[said.index('Traceback') :][:3000]}")


class Session:
    """One visitor: knows the pages and the boxes of the filter bar, and what the last run showed."""

    def __init__(self, socket: websockets.ClientConnection, seed: int) -> None:
        """Use an open websocket; ``seed`` decides what is chosen."""
        self._socket = socket
        self._chance = random.Random(seed)
        self._page = ""
        self._query: dict[str, str] = {}
        self._chosen: dict[str, str] = {}
        self.pages: dict[str, str] = {}
        self.boxes: dict[str, tuple[str, list[str]]] = {}
        self.texts: list[str] = []
        self.figures: tuple[str, ...] = ()
        self.bytes = 0

    @classmethod
    async def open(cls, host: str, seed: int = 0) -> Session:
        """Connect and draw the first page."""
        socket = await websockets.connect(
            f"ws://{host}/_stcore/stream", subprotocols=["streamlit"], max_size=None, compression=None, origin=f"http://{host}"
        )
        session = cls(socket, seed)
        await session.run()
        return session

    async def close(self) -> None:
        """Leave."""
        await self._socket.close()

    async def go(self, page: str) -> float:
        """Open a page by its address; return the seconds until it was there."""
        self._page = self.pages[page]
        return await self.run()

    async def choose(self, box: str | None = None, option: str | None = None) -> float:
        """Choose an option of a box of the filter bar, by chance unless said; return the seconds until the page was there."""
        box = box or self._chance.choice([name for name in ("period", "compare", "date_basis", "model") if name in self.boxes])
        identifier, options = self.boxes[box]
        value = option or self._chance.choice(
            [entry for entry in options if entry != self._query.get(box) and "Own" not in entry]
        )
        self._query[box] = value
        self._chosen[identifier] = value
        return await self.run()

    async def run(self) -> float:
        """Have the script run and read until it has finished; return the seconds."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string = urlencode(self._query)
        state.page_script_hash = self._page
        for identifier, value in self._chosen.items():
            widget = state.widget_states.widgets.add()
            widget.id, widget.string_value = identifier, value
        state.context_info.timezone, state.context_info.locale, state.context_info.color_scheme = (
            "Europe/Berlin",
            "en-US",
            "light",
        )
        start = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        self.texts, figures, self.bytes = [], [], 0
        while True:
            data = await asyncio.wait_for(self._socket.recv(), timeout=120)
            self.bytes += len(data)
            answer = ForwardMsg.FromString(data)
            kind = answer.WhichOneof("type")
            if kind == "navigation":
                self.pages = {page.url_pathname or "overview": page.page_script_hash for page in answer.navigation.app_pages}
            elif kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                self._read(answer.delta.new_element, figures)
            elif kind == "script_finished":
                if answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    break
                self.texts, figures = [], []  # the script began again: what it drew before is gone
        self.figures = tuple(figures)
        return time.perf_counter() - start

    def _read(self, element: object, figures: list[str]) -> None:
        kind = element.WhichOneof("type")  # type: ignore[attr-defined]
        content = getattr(element, kind)
        if kind == "selectbox" and content.query_param_key:
            self.boxes[content.query_param_key] = (content.id, list(content.options))
        elif kind == "markdown":
            self.texts.append(content.body)
        elif kind == "metric":
            figures.append(f"{content.label}: {content.body}")
        elif kind == "exception":
            self.texts.append(f"This page failed: {content.type} {content.message}")

    @property
    def wrong(self) -> list[str]:
        """What the last run showed instead of a page."""
        return [text for text in self.texts if any(words in text for words in FAILED)]

    @property
    def version(self) -> str:
        """The version of the data that the footer of the last run names."""
        for text in self.texts:
            if " · version " in text:
                return text.split(" · version ")[1].split(" ·")[0].replace("\\", "")
        return ""
