"""What servers said of their tools when the person began to use them.

A tool whose definition is another one now is held back until somebody looked at the difference and
accepted it: a server that was harmless yesterday may have been changed into something else.
"""

from __future__ import annotations

import difflib
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ion_core import private
from ion_core.config.atomic import replace_file

if TYPE_CHECKING:
    from ion_core.mcp.declared import Declared

NAME: Final = "mcp-pins.json"


class Pin(Struct, frozen=True, kw_only=True):
    """One tool as it was accepted: ``mark`` is a hash of ``definition``, its canonical JSON."""

    mark: str
    definition: str


class Pinned(Struct, frozen=True, kw_only=True):
    """The file: tools by server (:func:`key_of`), each by its title."""

    servers: dict[str, dict[str, Pin]] = {}


def pin_of(tool: Any) -> Pin:
    """The pin of a tool as its server describes it now (``mcp_types.Tool``)."""
    hints = tool.annotations
    said = {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": tool.input_schema,
        "annotations": None if hints is None else hints.model_dump(mode="json", by_alias=True),
    }
    text = msgspec.json.format(msgspec.json.encode(said, order="deterministic"), indent=1)
    return Pin(mark=hashlib.sha256(text).hexdigest(), definition=text.decode())


def key_of(one: Declared) -> str:
    """What a server is known by: its name and how it is reached, since two projects may call
    different ones the same."""
    reached = one.settings.command, *one.settings.args, one.settings.url
    return f"{one.name}@{hashlib.sha256(repr(reached).encode()).hexdigest()[:12]}"


class Pins:
    """The file in ion's own folder ``home``. One that is damaged begins anew, with every tool
    taken as it is then."""

    def __init__(self, home: Path) -> None:
        self._file = home / NAME

    def changed(self, server: str, tools: Iterable[Any]) -> dict[str, str]:
        """The titles of tools that are otherwise than they were accepted, each with the difference.
        Tools that were never seen are accepted as they are. Blocking. Raises ``OSError``."""
        now = {str(tool.name): pin_of(tool) for tool in tools}
        with self._alone():
            known = self._read()
            pins = known.servers.get(server, {})
            new = {title: pin for title, pin in now.items() if title not in pins}
            if new:
                self._write(replace(known, servers={**known.servers, server: {**pins, **new}}))
        return {
            title: _difference(pins[title], pin)
            for title, pin in now.items()
            if title in pins and pins[title].mark != pin.mark
        }

    def accept(self, server: str, tools: Iterable[Any]) -> None:
        """Take the tools as they are now, and forget those that are gone. Raises ``OSError``."""
        now = {str(tool.name): pin_of(tool) for tool in tools}
        with self._alone():
            known = self._read()
            self._write(replace(known, servers={**known.servers, server: now}))

    def forget(self, server: str) -> None:
        """Of a server that was removed. Raises ``OSError``."""
        with self._alone():
            known = self._read()
            left = {k: pins for k, pins in known.servers.items() if k.partition("@")[0] != server}
            if len(left) != len(known.servers):
                self._write(Pinned(servers=left))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Servers connect at the same time, and several ions may: one after another (flock(2))."""
        folder = os.open(private.folder(self._file.parent), os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _read(self) -> Pinned:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Pinned)
        except (FileNotFoundError, msgspec.MsgspecError):
            return Pinned()

    def _write(self, pinned: Pinned) -> None:
        replace_file(self._file, msgspec.json.format(msgspec.json.encode(pinned), indent=1), 0o600)


def _difference(before: Pin, now: Pin) -> str:
    lines = difflib.unified_diff(
        before.definition.splitlines(), now.definition.splitlines(), "accepted", "now", n=1
    )
    return "\n".join(line.rstrip("\n") for line in lines)


def listed(changed: Mapping[str, str]) -> str:
    """The tools that are held back, as a part of a sentence."""
    return ", ".join(sorted(changed))
