"""``$ION_HOME/auth.json``: what ``ion login`` keeps, readable by its owner alone.

Readers see a whole file, the old or the new one; writers take turns across processes. A file that
cannot be understood is never overwritten: it is moved aside.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from ion_core import private
from ion_core.errors import ConfigError
from ion_core.ids import Clock
from ion_core.providers.auth.logins import VERSION, Book, Edition, Login

_Stat = tuple[int, int, int, int, int]


class AuthStore:
    """The file. ``complaints`` are sentences that a person should see, each said once."""

    def __init__(self, home: Path, clock: Clock = time.time) -> None:
        self.file = home / "auth.json"
        self.complaints: list[str] = []
        self._clock = clock
        self._seen: _Stat | None = None
        self._logins: dict[str, Login] = {}
        self._damaged = False

    def logins(self) -> dict[str, Login]:
        """The logins by provider; empty when there is no file that can be read. Never raises, and
        costs one ``stat`` while the file does not change."""
        try:
            seen = _stat(self.file)
            if seen != self._seen:
                self._logins, self._seen = self._read(), seen
        except FileNotFoundError:
            self._logins, self._seen, self._damaged = {}, None, False
        except OSError as error:
            self._complain(f"{self.file} cannot be read: {error.strerror}.")
            self._logins, self._seen = {}, None
        return self._logins

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writing]:
        """Hold the file across processes; within the block its logins are read anew and can be
        changed. Raises ``ConfigError``."""
        from ion_core.providers.auth.lock import locked  # start-up: reading needs no lock

        try:
            self._private_folder()
            async with locked(self.file.with_name("auth.json.lock")):
                self._seen = None
                yield Writing(self)
        except OSError as error:
            why = error.strerror or str(error)
            raise ConfigError(f"{self.file} cannot be written: {why}.") from error

    def write(self, logins: dict[str, Login]) -> None:
        """Replace the file, at once and durably. Only while :meth:`writing`."""
        self.logins()
        if self._damaged:
            self._move_aside()
        data = msgspec.json.format(msgspec.json.encode(Book(logins=logins)), indent=2)
        fresh = self.file.with_name(f".auth.json.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            _write_durably(fresh, data + b"\n")
            os.replace(fresh, self.file)
            _sync_folder(self.file.parent)
        finally:
            fresh.unlink(missing_ok=True)

    def _read(self) -> dict[str, Login]:
        if not self._ours():
            return {}
        data = self.file.read_bytes()
        self._damaged = False
        try:
            version = msgspec.json.decode(data, type=Edition).version
            if version == VERSION:
                return msgspec.json.decode(data, type=Book).logins
        except (msgspec.MsgspecError, UnicodeError):
            version = 0
        self._damaged = True
        written = "was written by a newer ion" if version > VERSION else "is damaged"
        self._complain(
            f"{self.file} {written}, and its logins are not used. The next `ion login` moves it "
            "aside; nothing in it is lost."
        )
        return {}

    def _ours(self) -> bool:
        """Whether it belongs to this user. Permissions that let others read it are corrected."""
        found = os.stat(self.file)
        if found.st_uid != os.geteuid():
            self._complain(f"{self.file} belongs to another user, and is not used.")
            return False
        if found.st_mode & 0o077:
            os.chmod(self.file, 0o600)
            self._complain(
                f"{self.file} could be read by others (mode {stat.S_IMODE(found.st_mode):04o}); "
                "now it is yours alone (0600). If others use this machine, replace its keys."
            )
        return True

    def _private_folder(self) -> None:
        folder = self.file.parent
        private.folder(folder)
        found = os.stat(folder)
        if found.st_uid != os.geteuid():
            raise ConfigError(f"{folder} belongs to another user: no key is kept there.")
        if found.st_mode & 0o077:
            os.chmod(folder, 0o700)

    def _move_aside(self) -> None:
        when = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self._clock()))
        aside = self.file.with_name(f"auth.json.broken-{when}-{os.urandom(2).hex()}")
        os.rename(self.file, aside)
        self._damaged = False
        self._complain(f"The old {self.file.name}, which could not be used, is now {aside}.")

    def _complain(self, sentence: str) -> None:
        if sentence not in self.complaints:
            self.complaints.append(sentence)


class Writing:
    """The file, while nobody else may change it."""

    def __init__(self, store: AuthStore) -> None:
        self._store = store

    def login(self, provider: str) -> Login | None:
        """What is kept for a provider at this moment."""
        return self._store.logins().get(provider)

    def put(self, provider: str, login: Login | None) -> None:
        """Keep a login, or with None forget it; durable on return. Raises ``OSError``, which
        :meth:`AuthStore.writing` turns into a sentence."""
        logins = dict(self._store.logins())
        logins.pop(provider, None)
        if login is not None:
            logins[provider] = login
        self._store.write(logins)


def _stat(file: Path) -> _Stat:
    found = os.stat(file)
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode, found.st_uid


def _write_durably(file: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(file, flags, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a loss of power: a token that was used up cannot be had again."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
