"""What a protocol is, without the network: how a request is written and how its answer is read.

Both halves are pure. ``Wired`` joins a wire with HTTP, credentials and the lessons of refused
requests, in the same way for every protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from ion_core.messages import StopReason
from ion_core.providers.base import Chunk, Finished, ModelInfo, Request

if TYPE_CHECKING:
    from ion_core.providers.heal import Lesson
    from ion_core.providers.sse import SseEvent

Q = TypeVar("Q", bound=Struct)
"""The quirks of a protocol: a frozen Struct of what one model of one endpoint wants."""

Blobs: TypeAlias = Callable[[str], bytes]
"""The bytes of an image, by its SHA-256. Raises ``OSError`` when they are gone."""


class Post(Struct, frozen=True, kw_only=True):
    """A request as it is sent: ``path`` below the base URL, the JSON ``body``, and ``headers``
    beside those of the key."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str] = {}


class Reader(Protocol):
    """Reads one answer.

    ``error`` is the error object that came instead of, or within, the answer. ``complete`` tells
    whether its end was seen, so that only usage can follow; ``done`` whether nothing can.
    """

    error: Any
    complete: bool
    done: bool

    @property
    def stop(self) -> StopReason:
        """Why it ended, as far as that is known."""
        ...

    @property
    def raw_stop(self) -> str:
        """The wire's own word for it."""
        ...

    def take(self, event: SseEvent) -> Iterable[Chunk]:
        """What an event of the stream adds. One that means nothing adds nothing."""
        ...

    def whole(self, body: dict[str, Any]) -> Iterable[Chunk]:
        """What the body of an answer adds that was not streamed."""
        ...

    def parts(self) -> Iterable[Chunk]:
        """Every part, done. Asked once, when nothing more will come."""
        ...

    def finished(self) -> Finished:
        """The terminal chunk."""
        ...


class Wire(Protocol[Q]):
    """One protocol at one endpoint."""

    @property
    def lessons(self) -> Sequence[Lesson[Q]]:
        """What its refusals teach."""
        ...

    @property
    def models_path(self) -> str:
        """The path whose GET lists its models, "" if there is none."""
        ...

    def quirks(self, model: str) -> Q:
        """What a model wants, before any of its refusals taught more."""
        ...

    def post(self, request: Request, quirks: Q, *, stream: bool) -> Post:
        """The request, to be answered as a stream or in one piece."""
        ...

    def reader(self, request: Request, quirks: Q) -> Reader:
        """What reads its answer."""
        ...

    def key_headers(self, key: str) -> dict[str, str]:
        """Where a key goes; "" is no key."""
        ...

    def models(self, body: bytes) -> Sequence[ModelInfo]:
        """The models that the body of ``models_path`` lists. Raises ``BadRequest``."""
        ...
