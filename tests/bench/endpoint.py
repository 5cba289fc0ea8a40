"""The loopback model as the measurements see it: started, asked when things happened, ended."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.bench.scratch import ROOT

PATIENCE_S = 20.0


class Endpoint:
    """A context manager around one server process."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "server.log"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.server", str(self._log)], cwd=ROOT
        )
        self._port = self.wait("listening")[0]["port"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def url(self, path: str) -> str:
        """The base URL under which the model behaves as ``path`` says (see the server)."""
        return f"http://127.0.0.1:{self._port}/{path}/v1"

    def events(self, what: str, since: float = 0.0) -> list[dict[str, Any]]:
        """What the server noted of one kind, from a moment of the monotonic clock on."""
        text = self._log.read_text() if self._log.exists() else ""
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line[-1:] == "\n"]
        return [line for line in lines if line["what"] == what and line["at"] >= since]

    def wait(self, what: str, since: float = 0.0, count: int = 1) -> list[dict[str, Any]]:
        """The same, once there are ``count`` of them. Raises ``TimeoutError``."""
        deadline = time.monotonic() + PATIENCE_S
        while len(found := self.events(what, since)) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server noted {len(found)} of {count} {what!r}")
            time.sleep(0.005)
        return found
