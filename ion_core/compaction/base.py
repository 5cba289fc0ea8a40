"""The door of the compaction room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from ion_core.compaction.ceilings import Ceilings
from ion_core.entries import Compaction, CompactionReason, Entry, Prune
from ion_core.errors import IonError
from ion_core.messages import Message
from ion_core.providers.base import Request
from ion_core.usage import Usage


class CannotCompact(IonError):
    """Nothing was compacted; the sentence says why and what to do."""


class Said(Struct, frozen=True, kw_only=True):
    """An answer of the model that summarises (``provider/model``), and what it took."""

    message: Message
    model: str
    usage: Usage | None = None
    cost_nano: int | None = None


Ask: TypeAlias = Callable[[Request], Awaitable[Said]]
"""Puts a request to a model and waits. Raises ``ProviderError``."""


class Task(Struct, frozen=True, kw_only=True):
    """What is to be compacted: the ``entries`` of a path, the ``request`` that they make now and
    its ``tokens``. ``ledgers`` (blocking) is their text where so many of the last entries stay,
    ``keep`` about how many of the newest tokens stay.

    ``cached``: the request, or nearly all of it, was just sent to the model that summarises, which
    reads it again at a tenth of the price. ``window`` is that model's. ``verify``: it is asked what
    its summary leaves out.
    """

    entries: Sequence[Entry]
    request: Request
    tokens: int
    ceilings: Ceilings
    ledgers: Callable[[int], str]
    keep: int
    window: int
    reason: CompactionReason = "full"
    focus: str = ""
    cached: bool = True
    verify: bool = False


class Made(Struct, frozen=True, kw_only=True):
    """The entry that does it, not written yet."""

    entry: Compaction | Prune


class Compactor(Protocol):
    """Makes the conversation of a task short. Raises :class:`CannotCompact`; a model that fails is
    no failure, since a checkpoint can be made without one."""

    async def compact(self, task: Task, ask: Ask) -> Made: ...
