"""A session as Markdown: what was said, with the tools folded, one branch after another."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import assert_never

from ion_core.ids import entry_id
from ion_core.messages import Image, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.remarks import detail, remark
from ion_core.sanitize import sanitize
from ion_core.sessions.moving.outline import Run
from ion_core.sessions.moving.reading import Departure
from ion_core.sessions.moving.redacted import Clean
from ion_core.sessions.moving.told import Shown, Telling, about_call, heading, money, when


class Markdown:
    """The file, piece by piece. Pictures are named and not shown."""

    missing: tuple[str, ...] = ()

    def __init__(self, departure: Departure, *, clean: Clean | None = None) -> None:
        self._telling = Telling(departure, clean)
        self.entries = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file. Raises ``SessionNotFound`` and ``StoreError``."""
        title, facts = heading(await self._telling.begin())
        yield _block(f"# {_plain(title)}", "\n".join(f"- {k}: {_plain(v)}" for k, v in facts))
        for run in self._telling.runs:
            if run.number:
                yield _block(self._divided(run))
            async for shown in self._telling.entries(run):
                self.entries += 1
                yield _block(*_entry(shown))

    def _divided(self, run: Run) -> str:
        at = f"after {entry_id(run.after)}" if run.after is not None else "from the beginning"
        title, facts = self._telling.title(run), self._telling.facts(run)
        return f"---\n\n# Another branch, {at}: {_plain(title)}\n\n{_plain(facts)}"


def _block(*pieces: str) -> bytes:
    return "".join(f"{piece}\n\n" for piece in pieces if piece).encode("utf-8", "replace")


def _entry(shown: Shown) -> Iterator[str]:
    body, at = shown.entry.body, when(shown.entry.at)
    match body:
        case Message(role="tool"):
            pass
        case Message(role="user"):
            yield f"## {' · '.join(('You', at, shown.entry.id, *map(_plain, shown.labels)))}"
        case Message():
            model = body.origin.model if body.origin else "Assistant"
            labels = map(_plain, shown.labels)
            facts = (_plain(model), at, money(shown.cost_nano), shown.entry.id, *labels)
            yield f"## {' · '.join(fact for fact in facts if fact)}"
        case _:
            yield f"*{_plain(remark(body))}*"
            if more := detail(body):
                yield _folded("Text", _fenced(more))
    for part in body.parts if isinstance(body, Message) else ():
        yield _part(part)


def _part(part: Part) -> str:
    match part:
        case Text():
            return sanitize(part.text).strip()
        case Reasoning():
            return _folded("Thoughts", _fenced(part.text)) if part.text.strip() else ""
        case Image():
            return f"*[picture, {_plain(part.media_type)}]*"
        case ToolCall():
            words = part.malformed
            if words is None:
                words = json.dumps(part.arguments, ensure_ascii=False, indent=2)
            return _folded(f"{part.name} {about_call(part)}".rstrip(), _fenced(words, "json"))
        case ToolResult():
            return _result(part)
        case _:
            assert_never(part)


def _result(result: ToolResult) -> str:
    display = result.display
    about = " ".join(filter(None, (result.name, display.target if display else "")))
    ended = "" if result.status == "ok" else f" ({result.status})"
    pieces = [_fenced(result.content)]
    if display and display.diff:
        pieces.insert(0, _fenced(display.diff, "diff"))
    return _folded(f"{about}{ended}", "\n\n".join(pieces))


def _folded(summary: str, inner: str) -> str:
    words = " ".join(html.escape(sanitize(summary)).split())[:200]
    return f"<details><summary>{words}</summary>\n\n{inner}\n\n</details>"


def _fenced(text: str, language: str = "") -> str:
    """A fence longer than any in the text, so that nothing in it ends the block."""
    text = sanitize(text).rstrip("\n")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _plain(text: str) -> str:
    """Words on one line that mean nothing to Markdown."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(sanitize(text).split()))
