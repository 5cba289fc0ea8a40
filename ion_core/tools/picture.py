"""Reading a picture: it is kept, and the model sees it beside a line about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from ion_core.messages import Display, Image
from ion_core.tools.base import Outcome

_KINDS = ((b"\x89PNG\r\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"))


def kind_of(start: bytes) -> str:
    """The kind of picture that begins so, or nothing."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WebP"
    return next((kind for begin, kind in _KINDS if start.startswith(begin)), "")


def looked_at(
    file: BinaryIO, start: bytes, shown: str, keep: Callable[[bytes], Image]
) -> Outcome | None:
    """The outcome of reading a picture; None for what is none. Raises what ``keep`` raises for one
    that is too large or broken."""
    kind = kind_of(start)
    if not kind:
        return None
    data = file.read()
    image = keep(data)
    words = f"{kind} picture, {len(data):,} bytes"
    return Outcome(
        content=f"{shown}: {words}.",
        images=(image,),
        display=Display(target=shown, summary=words),
    )
