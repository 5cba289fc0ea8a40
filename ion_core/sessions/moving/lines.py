"""The lines of ion's own export: a header, then what each entry needs, then the entry itself.

JSON, one object a line. Entries are named by ids that hold outside the store too, and a parent
stands above its children, so that a reader keeps no more than ids. A body is stored and exported
by the same bytes.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from ion_core.ids import EntryId, entry_id, entry_row
from ion_core.usage import Usage

FORMAT = 1
"""The number behind ``"ion"`` in the first line."""

INLINE_BYTES = 64 * 1024
"""Bytes of a picture up to which it stands in the file itself."""


class Branch(Struct, frozen=True, kw_only=True):
    """A named head. ``leaf`` and ``base`` (where it began) are external ids, None for neither."""

    name: str
    leaf: str | None
    base: str | None = None
    created_at: float = 0.0
    updated_at: float = 0.0


class Label(Struct, frozen=True, kw_only=True):
    """A person's mark on an entry."""

    entry: str
    label: str
    note: str | None = None
    at: float = 0.0


class Described(Struct, frozen=True, kw_only=True):
    """The session itself. ``parent`` is the session that it came from, at ``parent_entry`` (an
    external id); ``branch`` is the name of the active one; sums are those of its whole
    life, which may be more than the ``usage`` lines tell."""

    id: str
    project: str
    cwd: str
    git_branch: str | None = None
    git_head: str | None = None
    title: str | None = None
    title_source: str = "auto"
    description: str | None = None
    preview: str | None = None
    kind: str = "main"
    parent: str | None = None
    parent_entry: str | None = None
    branch: str = "main"
    model: str = ""
    mode: str | None = None
    agent: str | None = None
    created_at: float
    updated_at: float
    turns: int = 0
    usage: Usage = Usage()
    cost_nano: int = 0
    cost_known: bool = True
    pinned: bool = False
    archived: bool = False
    meta: dict[str, Any] = {}


class Header(Struct, frozen=True, kw_only=True):
    """The first line. ``entries`` is how many follow: a file that was cut off shows by it."""

    ion: int = FORMAT
    schema: int
    version: str
    session: Described
    entries: int
    branches: tuple[Branch, ...] = ()
    labels: tuple[Label, ...] = ()
    tags: tuple[str, ...] = ()


class EntryLine(Struct, frozen=True, kw_only=True, tag_field="line", tag="entry"):
    """An entry. ``body`` is its payload as the store has it; ``at`` in seconds since the epoch."""

    id: str
    parent: str | None
    at: float
    body: msgspec.Raw


class BlobLine(Struct, frozen=True, kw_only=True, tag_field="line", tag="blob", omit_defaults=True):
    """A picture that a later line names: ``data``, or ``file``, its path in the side folder."""

    sha256: str
    data: bytes | None = None
    file: str | None = None


class UsageLine(Struct, frozen=True, kw_only=True, tag_field="line", tag="usage"):
    """What one request cost, behind the ``entry`` it was for (None: for none)."""

    entry: str | None
    purpose: str
    provider: str
    model: str
    usage: Usage
    cost_nano: int | None
    at: float


Line: TypeAlias = EntryLine | BlobLine | UsageLine


class Exported(Struct, frozen=True, kw_only=True):
    """An entry as it leaves the store. ``row`` and ``parent_row`` are its numbers there, ``id``
    and ``parent`` its external ids; ``body`` is the JSON of :data:`~ion_core.entries.Body`."""

    row: int
    parent_row: int | None
    id: str
    parent: str | None
    at: float
    body: bytes


class Node(Struct, frozen=True, kw_only=True):
    """An entry without its body. ``asked`` marks a message of the person."""

    row: int
    parent: int | None
    asked: bool


def external(session: str, row: int, at_ms: int, ext: str | None) -> str:
    """The id of an entry outside its store: the one that it came with, or what nobody else has:
    its session's, its own and its time."""
    return ext or f"{session}/{entry_id(row)}/{at_ms}"


def native(ext: str) -> tuple[str, int, int] | None:
    """The session, the row and the time that an id of :func:`external` was made of."""
    session, _, rest = ext.partition("/")
    entry, _, at_ms = rest.partition("/")
    try:
        return session, entry_row(EntryId(entry)), int(at_ms)
    except ValueError:
        return None


def header_of(line: bytes) -> Header:
    """The first line. Raises ``msgspec.DecodeError`` or ``ValidationError`` for anything else."""
    return _header.decode(line)


def line_of(line: bytes) -> Line:
    """Any further line. Raises like :func:`header_of`."""
    return _line.decode(line)


_header = msgspec.json.Decoder(Header)
_line: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
