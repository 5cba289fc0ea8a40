"""Where the embedded model lives: ``$ION_HOME/local``, and what of it is there.

A file has its final name only once its SHA-256 was checked, so that being there means being right.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ion_core.local.pins import Model, Pins, ServerWheel, pins


@dataclass(frozen=True, kw_only=True)
class Binary:
    """A ``llama-server``. ``pinned`` is False for one that the person installed."""

    path: Path
    pinned: bool


class Place:
    """The folder of the embedded model under ion's own folder ``home``."""

    def __init__(self, home: Path, *, pinned: Pins | None = None) -> None:
        self.home, self.root = home, home / "local"
        self._pins = pinned or pins()

    @property
    def model(self) -> Model:
        return self._pins.model

    @property
    def wheel(self) -> ServerWheel:
        return self._pins.server

    @property
    def weights(self) -> Path:
        """The checked weights; absent until they are whole."""
        return self.root / self.model.file

    @property
    def partial(self) -> Path:
        """The weights while they are being put together."""
        return self.root / f"{self.model.file}.part"

    @property
    def downloads(self) -> Path:
        """Wheels on their way."""
        return self.root / "downloads"

    @property
    def server(self) -> Path:
        """The unpacked server: a folder named after its version."""
        return self.root / f"llama-server-{self.wheel.wheel.split('-')[1]}"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.home / "logs" / "llama-server.log"

    @property
    def has_weights(self) -> bool:
        """Whether the weights are there, whole."""
        return self.weights.is_file() and self.weights.stat().st_size == self.model.bytes

    def binary(self, env: Mapping[str, str] = os.environ) -> Binary | None:
        """The server to start: one on PATH, one of the extra ``local``, or the fetched one."""
        if on_path := shutil.which("llama-server", path=env.get("PATH", "")):
            return Binary(path=Path(on_path), pinned=False)
        spec = find_spec(self.wheel.folder)
        folders = [Path(spec.origin).parent] if spec and spec.origin else []
        for folder in (*folders, self.server):
            if (found := folder / "bin" / "llama-server").is_file():
                return Binary(path=found, pinned=True)
        return None

    def ready(self, env: Mapping[str, str] = os.environ) -> bool:
        """Whether the model can be started without fetching anything."""
        return self.has_weights and self.binary(env) is not None

    def used_bytes(self) -> int:
        """Disk space that is taken, in bytes."""
        files = (path for path in self.root.rglob("*") if path.is_file())
        return sum({(s := path.stat()).st_ino: s.st_size for path in files}.values())
