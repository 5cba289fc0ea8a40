"""A session as one HTML file: the tree of its branches, what was said, tools folded, costs.

Nothing in it is fetched and nothing runs: there is no script, pictures are inside, and a policy in
its head forbids the browser everything but its own style. Every text is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import assert_never

from ion_core.ids import entry_id
from ion_core.messages import Image, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.remarks import detail, remark
from ion_core.sanitize import sanitize
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.moving.outline import Run
from ion_core.sessions.moving.prose import prose
from ion_core.sessions.moving.reading import Departure
from ion_core.sessions.moving.redacted import Clean
from ion_core.sessions.moving.told import Shown, Telling, about_call, heading, money, tokens, when
from ion_core.sessions.pictures import media_type

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title><style>{style}</style></head>
"""


class HtmlPage:
    """The file, piece by piece. ``missing`` lists, afterwards, the pictures that are gone."""

    def __init__(self, departure: Departure, blobs: Blobs, *, clean: Clean | None = None) -> None:
        self._telling, self._blobs = Telling(departure, clean), blobs
        self.missing: list[str] = []
        self.entries = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file. Raises ``SessionNotFound`` and ``StoreError``."""
        title, facts = heading(await self._telling.begin())
        yield _bytes(_head(title))
        rows = "".join(f"<dt>{_safe(name)}</dt><dd>{_safe(value)}</dd>" for name, value in facts)
        nav = f"<nav><h2>Branches</h2><ul>{''.join(self._branches(None))}</ul></nav>"
        yield _bytes(f'<body><div class="all">{nav}<main><h1>{_safe(title)}</h1><dl>{rows}</dl>\n')
        for run in self._telling.runs:
            yield _bytes(self._begun(run))
            async for shown in self._telling.entries(run):
                self.entries += 1
                yield _bytes(self._entry(shown))
            yield b"</section>\n"
        yield b"</main></div></body></html>\n"

    def _branches(self, above: Run | None) -> Iterator[str]:
        """The list entries of the runs that leave ``above``, with theirs inside; None: the
        roots."""
        for run in self._telling.runs:
            left = self._left(run)
            if left is above:
                inner = "".join(self._branches(run))
                yield (
                    f'<li><a href="#b{run.number}">{_safe(self._telling.title(run))}</a> '
                    f"<small>{_safe(self._telling.facts(run))}</small>"
                    f"{f'<ul>{inner}</ul>' if inner else ''}</li>"
                )

    def _left(self, run: Run) -> Run | None:
        if run.after is None:
            return None
        return next(each for each in self._telling.runs if run.after in each.rows)

    def _begun(self, run: Run) -> str:
        if not run.number:
            return f'<section id="b{run.number}">\n'
        where = "from the beginning"
        if run.after is not None:
            entry = entry_id(run.after)
            where = f'after <a href="#{entry}">{entry}</a>'
        title = _safe(self._telling.title(run))
        return f'<section id="b{run.number}"><h2>{title} <small>{where}</small></h2>\n'

    def _entry(self, shown: Shown) -> str:
        entry, body = shown.entry, shown.entry.body
        match body:
            case Message():
                inner = "".join(self._part(part) for part in body.parts)
                head = "" if body.role == "tool" else _heading(shown, body)
                return f'<article class="{body.role}" id="{entry.id}">{head}{inner}</article>\n'
            case _:
                more = _folded("Text", _pre(text)) if (text := detail(body)) else ""
                words = f"{_safe(remark(body))}{more}"
                return f'<article class="note" id="{entry.id}">{words}</article>\n'

    def _part(self, part: Part) -> str:
        match part:
            case Text():
                return f'<div class="words">{prose(sanitize(part.text))}</div>'
            case Reasoning():
                return _folded("Thoughts", _pre(part.text)) if part.text.strip() else ""
            case Image():
                return self._image(part)
            case ToolCall():
                words = part.malformed
                if words is None:
                    words = json.dumps(part.arguments, ensure_ascii=False, indent=2)
                about = f"<b>{_safe(part.name)}</b> {_safe(about_call(part))}"
                return _folded(about.rstrip(), _pre(words))
            case ToolResult():
                return self._result(part)
            case _:
                assert_never(part)

    def _result(self, result: ToolResult) -> str:
        display = result.display
        about = f"<b>{_safe(result.name)}</b>"
        if display:
            about += f" {_safe(display.target[:200])} {_safe(display.summary)}"
        if result.status != "ok":
            about += f' <span class="bad">{result.status}</span>'
        diff = _diff(display.diff) if display and display.diff else ""
        pictures = "".join(self._image(image) for image in result.images)
        return _folded(about, diff + _pre(result.content) + pictures)

    def _image(self, image: Image) -> str:
        try:
            data = self._blobs.read(image.sha256)
        except OSError:
            self.missing.append(image.sha256)
            return "<p><small>[a picture that is gone]</small></p>"
        kind = media_type(data)
        if not kind:
            return "<p><small>[a picture of an unknown kind]</small></p>"
        return f'<p><img alt="" src="data:{kind};base64,{base64.b64encode(data).decode()}"></p>'


def _head(title: str) -> str:
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _HEAD.format(digest=digest, title=_safe(title), style=style)


def _heading(shown: Shown, message: Message) -> str:
    who = "You" if message.role == "user" else message.origin.model if message.origin else "Answer"
    facts = [when(shown.entry.at), money(shown.cost_nano)]
    if message.usage is not None:
        facts.insert(1, tokens(message.usage))
    told = " · ".join(fact for fact in facts if fact)
    labels = "".join(f"<mark>{_safe(label)}</mark> " for label in shown.labels)
    return (
        f"<header>{_safe(who)} {labels}<small>{_safe(told)}</small>"
        f'<small><a href="#{shown.entry.id}">{shown.entry.id}</a></small></header>'
    )


def _folded(summary: str, inner: str) -> str:
    return f"<details><summary>{summary}</summary>{inner}</details>"


def _pre(text: str) -> str:
    return f"<pre>{_safe(text)}</pre>" if text else ""


def _diff(diff: str) -> str:
    lines = []
    for line in sanitize(diff).splitlines():
        kind = {"+": "add", "-": "del"}.get(line[:1])
        words = html.escape(line)
        lines.append(f'<span class="{kind}">{words}</span>' if kind else words)
    return "<pre>" + "\n".join(lines) + "</pre>"


def _safe(text: str) -> str:
    return html.escape(sanitize(text))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
