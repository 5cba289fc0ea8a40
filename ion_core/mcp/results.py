"""What a server answers, as what a tool has to say.

Everything is data of somebody else's: text is cut to what a model should read, with the rest in a
file, and control characters are gone.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ion_core import private
from ion_core.errors import IonError
from ion_core.messages import Display, Image
from ion_core.sanitize import sanitize
from ion_core.tools.base import Outcome
from ion_core.tools.truncate import LIMIT, clip, plain

Keep = Callable[[bytes], Image]


def outcome_of(result: Any, target: str, spill: Path, keep: Keep | None) -> Outcome:
    """A ``CallToolResult``. Blocking, as it may write the spill file."""
    images: list[Image] = []
    texts = [text for part in result.content for text in _said(part, images, keep)]
    if not texts and not images and result.structured_content is not None:
        texts = [json.dumps(result.structured_content, ensure_ascii=False)]
    content = limited("\n".join(texts), spill) or ("(a picture)" if images else "(no output)")
    first = content.strip().partition("\n")[0][:200]
    return Outcome(
        content=content,
        images=tuple(images),
        display=Display(target=target, summary=first, output=content),
        status="error" if result.is_error else "ok",
    )


def resource_text(contents: Sequence[Any], spill: Path) -> str:
    """The contents of a resource as text; of bytes it is said how many there are."""
    return limited("\n".join(map(_contents, contents)), spill)


def prompt_text(messages: Sequence[Any]) -> str:
    """The messages of a prompt as what a person would say."""
    images: list[Image] = []
    return "\n\n".join(
        text for message in messages for text in _said(message.content, images, None)
    )


def limited(text: str, spill: Path) -> str:
    """Text of a server's as a model may read it."""
    text = sanitize(plain(text))
    if len(text) <= LIMIT:
        return text
    with private.file(spill) as file:
        file.write(text.encode("utf-8", "replace"))
    return clip(text, LIMIT, str(spill))


def _said(part: Any, images: list[Image], keep: Keep | None) -> Iterator[str]:
    match part.type:
        case "text":
            yield part.text
        case "image":
            yield from _picture(part, images, keep)
        case "audio":
            yield f"[audio, {part.mime_type}, about {len(part.data) * 3 // 4:,} bytes]"
        case "resource_link":
            about = f": {part.description}" if part.description else ""
            yield f"[resource {part.uri} ({part.name}){about}]"
        case "resource":
            yield _contents(part.resource)
        case other:
            yield f"[something of the kind {other}]"


def _picture(part: Any, images: list[Image], keep: Keep | None) -> Iterator[str]:
    if keep is None:
        yield f"[picture, {part.mime_type}]"
        return
    try:
        images.append(keep(base64.b64decode(part.data, validate=False)))
    except (IonError, binascii.Error, ValueError) as error:
        yield f"[a picture that cannot be shown: {error}]"


def _contents(resource: Any) -> str:
    text = getattr(resource, "text", None)
    if text is not None:
        return f'<resource uri="{resource.uri}">\n{text}\n</resource>'
    size = len(getattr(resource, "blob", "")) * 3 // 4
    return f"[resource {resource.uri}: {resource.mime_type or 'bytes'}, about {size:,} bytes]"
