"""The file that an export becomes: whole or not at all, for its owner's eyes, and never over
another one unless that was asked for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from ion_core.errors import ConfigError


class Outlet:
    """``with Outlet(path) as file: file.write(...)``; the file is at ``path`` after the block, and
    nothing is when the block raised. Raises ``ConfigError`` when there is one already and ``force``
    is not set, and ``OSError``."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self._path, self._force = path, force
        self.folder = path.with_name(f"{path.name}.blobs")

    def __enter__(self) -> Self:
        if not self._force and os.path.lexists(self._path):
            raise self._taken()
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        self._scratch, self._file = Path(name), os.fdopen(descriptor, "wb")
        return self

    def write(self, data: bytes) -> None:
        """More of the file."""
        self._file.write(data)

    def beside(self, name: str, data: bytes) -> str:
        """Keep ``data`` in the side folder; its path from the folder of the file."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        path = self.folder / name
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        return f"{self.folder.name}/{name}"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
            if error is None:
                self._publish()
        finally:
            self._scratch.unlink(missing_ok=True)

    def _publish(self) -> None:
        """A link refuses to go where something is, also what came there meanwhile."""
        if self._force:
            self._scratch.replace(self._path)
            return
        try:
            os.link(self._scratch, self._path)
        except FileExistsError as error:
            raise self._taken() from error
        except OSError:  # no hard links on this file system
            self._scratch.replace(self._path)

    def _taken(self) -> ConfigError:
        return ConfigError(f"{self._path} exists already. Name another file, or add --force.")
