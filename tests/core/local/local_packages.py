"""A small embedded model for tests: two parts and a server, as wheels with pins of their own, and
an index on loopback that serves them."""

from __future__ import annotations

import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ion_core.local.pins import Model, Part, Pins, ServerWheel

PIECES = (b"GGUF" + bytes(200_000), bytes(range(256)) * 500)
SCRIPT = b"#!/bin/sh\necho a server\n"


def packages(folder: Path) -> Pins:
    """Write the wheels into a folder; their pins."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = tuple(_part(folder, number, piece) for number, piece in enumerate(PIECES, 1))
    whole = b"".join(PIECES)
    model = Model(
        id="tiny",
        title="A tiny model",
        file="tiny.gguf",
        bytes=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        parts=parts,
    )
    return Pins(model=model, server=_server(folder))


def _part(folder: Path, number: int, piece: bytes) -> Part:
    member = f"tiny_part{number}/data/part.bin"
    name = f"tiny_part{number}-1.0-py3-none-any.whl"
    data = _wheel({member: piece})
    (folder / name).write_bytes(data)
    return Part(
        wheel=name,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        member=member,
        member_bytes=len(piece),
    )


def _server(folder: Path) -> ServerWheel:
    package = "tiny_llama_server_of_tests"
    name = f"{package}-2.5-py3-none-any.whl"
    library = b"a library under two names"
    data = _wheel(
        {
            f"{package}/__init__.py": b"",
            f"{package}/bin/llama-server": SCRIPT,
            f"{package}/bin/liba.so": library,
            f"{package}/bin/liba.so.0": library,
            f"{package}/licenses/LICENSE": b"MIT",
            f"{package}-2.5.dist-info/METADATA": b"Name: tiny",
        }
    )
    (folder / name).write_bytes(data)
    return ServerWheel(
        wheel=name,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        folder=package,
        unpacked_bytes=1_000,
    )


def _wheel(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@dataclass
class Index:
    """A simple index over a folder of wheels. ``break_at`` drops the connection of the first
    whole download of a file after that many bytes; ``spoil`` names files that are sent wrong."""

    folder: Path
    url: str = ""
    as_json: bool = False
    break_at: dict[str, int] = field(default_factory=dict)
    spoil: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def serving(index: Index) -> Iterator[Index]:
    """Serve it while the block runs."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            index.asked.append((self.path, wanted))
            if self.path.startswith("/files/"):
                self._file(self.path.removeprefix("/files/"), wanted)
            else:
                self._page(self.path.removeprefix("/simple/").strip("/"))

        def _page(self, project: str) -> None:
            names = [
                path.name
                for path in sorted(index.folder.iterdir())
                if path.name.split("-")[0].replace("_", "-") == project
            ]
            if not names:
                self.send_error(404)
            elif index.as_json:
                files = ", ".join(
                    f'{{"filename": "{name}", "url": "../../files/{name}"}}' for name in names
                )
                self._send(f'{{"files": [{files}]}}'.encode(), "application/json")
            else:
                links = "".join(f'<a href="/files/{n}#sha256=0">{n}</a>' for n in names)
                self._send(f"<html>{links}</html>".encode(), "text/html")

        def _file(self, name: str, wanted: str) -> None:
            data = (index.folder / name).read_bytes()
            if name in index.spoil:
                data = bytes(len(data))
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            end = index.break_at.pop(name, len(data))
            self.wfile.write(data[start:end])
            if end < len(data):
                self.close_connection = True
                self.connection.close()

        def _send(self, data: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A dropped connection is part of the test."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    index.url = f"http://127.0.0.1:{server.server_port}/simple"
    try:
        yield index
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
