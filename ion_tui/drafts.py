"""What was typed and not sent: each session's own, kept in a file (0600) that outlives the app.

Half a second after a change it is on the disk, and gone from there once it was sent. A session that
has no entry yet has no name that would be found again: what was typed for it is kept for the next
new session in its folder, unless the ion that it was typed into still runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from ion_core.config.paths import ion_home

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_tui.screens.main import MainScreen

WAIT_S = 0.5
NEW = ""
"""The key of whatever session has no entry yet."""

Start = Callable[[Callable[[], Coroutine[Any, Any, None]]], object]


class Editor(Protocol):
    """Where it is typed."""

    text: str

    def put(self, text: str) -> None: ...
    def give_back(self, text: str) -> None: ...


class Drafts:
    """``home`` is ion's own folder, ``cwd`` where new sessions begin; ``session`` gives the one on
    screen, ``start`` runs a coroutine function as a task of the app, ``failed`` takes a sentence.
    """

    def __init__(
        self,
        home: Callable[[], Path],
        cwd: Path,
        editor: Editor,
        session: Callable[[], Session | None],
        start: Start,
        failed: Callable[[str], None],
    ) -> None:
        self._home, self._cwd, self._editor = home, cwd, editor
        self._session, self._start, self._failed = session, start, failed
        self._texts: dict[str, str] = {}
        self._sending: list[tuple[str, str]] = []
        self._dirty: set[str] = set()
        self._key, self._waits, self._told = NEW, False, False
        self._writing = asyncio.Lock()

    @classmethod
    def of(cls, screen: MainScreen) -> Self:
        """Those of a screen."""
        prompt, start = screen.composer.prompt, screen.ion.start
        return cls(
            ion_home,
            screen.ion.folder,
            prompt,
            lambda: screen.desk.session,
            start,
            lambda text: screen.say(text, "warning"),
        )

    def changed(self) -> None:
        """The editor's text is another one."""
        key = _key(self._session())
        if key != self._key:  # the session on screen has its first entry now
            self._set(self._key, "")
            self._key = key
        self._set(key, self._editor.text)

    def turn(self, session: Session) -> None:
        """Another session comes on screen: what was typed stays with the one before it. Before the
        first one there was none, and what was typed so early is meant for it."""
        early, typed, key = self._session() is None, self._editor.text, _key(session)
        if not early:
            self._set(self._key, typed)
        elif key != NEW:
            self._set(NEW, "")
        known = None if early else self._texts.get(key)
        draft = self._left(key) if known is None else known
        self._key = key
        if early and draft:
            self._editor.give_back(draft)
        elif not early:
            self._editor.put(draft)
        self._set(key, self._editor.text)

    def sending(self, text: str) -> None:
        """It left the editor and is not durable elsewhere yet."""
        self._sending.append((self._key, text))
        self._mark(self._key)

    async def sent(self, text: str) -> None:
        """It is durable elsewhere, or back in the editor; its file is gone when this returns."""
        found = next((each for each in self._sending if each[1] == text), None)
        if found is not None:
            self._sending.remove(found)
            self._mark(found[0])
        self.changed()
        await self._write()

    def flush(self) -> None:
        """Write now: the app ends."""
        for key in list(self._dirty):
            self._put(key, self._kept(key))
        self._dirty.clear()

    def _set(self, key: str, text: str) -> None:
        if self._texts.get(key, "") != text:
            self._mark(key)
        self._texts[key] = text

    def _mark(self, key: str) -> None:
        self._dirty.add(key)
        if not self._waits:
            self._waits = True
            self._start(self._write_soon)

    async def _write_soon(self) -> None:
        try:
            await asyncio.sleep(WAIT_S)
        finally:
            self._waits = False
        await self._write()

    async def _write(self) -> None:
        async with self._writing:
            due = {key: self._kept(key) for key in self._dirty}
            self._dirty.clear()
            for key, text in due.items():
                await asyncio.to_thread(self._put, key, text)

    def _kept(self, key: str) -> str:
        leaving = [text for place, text in self._sending if place == key]
        return "\n\n".join(filter(str.strip, [*leaving, self._texts.get(key, "")]))

    def _put(self, key: str, text: str) -> None:
        from ion_core import private  # start-up: as below

        try:
            path = self._file(key)
            if not text:
                path.unlink(missing_ok=True)
                return
            scratch = path.with_suffix(".new")
            with private.file(scratch) as file:
                file.write(text.encode("utf-8", "surrogatepass"))
            scratch.replace(path)
        except OSError as error:
            if not self._told:
                self._told = True
                self._failed(f"What you type cannot be kept: {error.strerror or error}.")

    def _left(self, key: str) -> str:
        """What an earlier app left for a session; of new ones, the latest whose ion has ended."""
        if key != NEW:
            return _read(self._file(key))
        for path in sorted(self._folder.glob(f"{self._project}-*.txt"), key=_age):
            if path != self._file(NEW) and not _is_used(path):
                text = _read(path)
                path.replace(self._file(NEW))
                return text
        return ""

    def _file(self, key: str) -> Path:
        from os import getpid

        # Start-up: the agent's modules come after the first paint.
        from ion_core.sessions.process_facts import started_ms

        name = key or f"{self._project}-{getpid()}-{started_ms(getpid()) or 0}"
        return self._folder / f"{name}.txt"

    @property
    def _folder(self) -> Path:
        return self._home() / "drafts"

    @property
    def _project(self) -> str:
        from hashlib import sha256  # start-up: after the first paint

        return f"new-{sha256(str(self._cwd).encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def _key(session: Session | None) -> str:
    return NEW if session is None or not session.view.entries else session.id


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _age(path: Path) -> float:
    """The youngest first."""
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _is_used(path: Path) -> bool:
    """Whether the ion that writes it still runs."""
    from ion_core.sessions.process_facts import is_running  # start-up: as above

    *_, pid, began = path.stem.split("-")
    return pid.isdecimal() and began.isdecimal() and is_running(int(pid), int(began))
