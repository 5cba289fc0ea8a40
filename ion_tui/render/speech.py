"""What people and models say: a person's message, an answer, a thought, and remarks of ion itself.

Each is a frozen value that draws itself on a page and guesses its height before it is drawn; equal
values draw equal rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rich.style import Style

from ion_tui.render import markdown
from ion_tui.render.cells import shorten, wrap
from ion_tui.render.rows import TEXT, Page, Row, hang, row
from ion_tui.render.sanitize import sanitize
from ion_tui.render.sentences import duration
from ion_tui.render.split import Chunk, split

Level: TypeAlias = Literal["info", "warning", "error"]

LIVE_LINES = 12
"""Lines of a thought that are shown while it grows, when details are open."""


def _lines(text: str, width: int) -> int:
    return text.count("\n") + 1 + len(text) // max(20, width)


@dataclass(frozen=True)
class Said:
    """A person's message: full-width tinted rows, the landmark when one scrolls."""

    text: str
    slim = False

    def estimate(self, width: int) -> int:
        return _lines(self.text, width - 4)

    def draw(self, page: Page) -> list[Row]:
        ink = page.inks.user
        glyph = (f"{page.inks.glyphs.prompt} ", ink + Style(color=page.inks.accent.color))
        rows: list[Row] = []
        for line in sanitize(self.text).expandtabs(4).strip("\n").split("\n"):
            for cut in wrap([(line, ink)], page.width - TEXT - 1):
                lead = (" " * TEXT, ink) if rows else glyph
                spans = (lead, *cut.spans)
                rows.append(row(spans, page.width, ink, gutter=TEXT, join=cut.join))
        return rows


@dataclass(frozen=True)
class Told:
    """A whole answer that is short enough to be typeset at once."""

    text: str
    slim = False

    def estimate(self, width: int) -> int:
        return _lines(self.text, min(width, 100))

    def draw(self, page: Page) -> list[Row]:
        rows: list[Row] = []
        for chunk in split(sanitize(self.text)):
            rows += markdown.typeset(chunk, page)
        return rows[1:]


@dataclass(frozen=True)
class Piece:
    """One chunk of a long or growing answer. It draws the blank rows above it itself."""

    chunk: Chunk
    growing: bool = False
    slim = False

    def estimate(self, width: int) -> int:
        if self.chunk.kind == "code":
            return self.chunk.text.count("\n") + 1
        return _lines(self.chunk.text, min(width, 100))

    def draw(self, page: Page) -> list[Row]:
        return markdown.typeset(self.chunk, page, growing=self.growing)[self.chunk.lead :]


@dataclass(frozen=True)
class Thought:
    """Reasoning, folded to one dim line. ``seconds`` is how long it took, where that is known."""

    text: str
    seconds: float | None = None
    live: bool = False
    slim = False

    def estimate(self, width: int) -> int:
        return 1

    def draw(self, page: Page) -> list[Row]:
        inks = page.inks
        text = sanitize(self.text).expandtabs(4).strip()
        verb = "Thinking" if self.live else "Thought"
        if self.seconds is not None and self.seconds >= 1:
            verb += f" {duration(self.seconds)}"
        glyph, italic = (f"{inks.glyphs.thought} ", inks.faint), inks.faint + Style(italic=True)
        if page.opened:
            return [
                row([glyph, (verb, inks.faint)], page.width, inks.page),
                *self._whole(text, page),
            ]
        gist = _gist(text, last=self.live)
        room = min(page.prose, page.width - TEXT - 1) - len(verb) - 3
        spans = [glyph, (verb, inks.faint)]
        if gist and room > 8:
            spans += [(" · ", inks.faint), (shorten(gist, room), italic)]
        return [row(spans, page.width, inks.page, gutter=TEXT)]

    def _whole(self, text: str, page: Page) -> list[Row]:
        if self.live:
            text = "\n".join(text.split("\n")[-LIVE_LINES:])
        return markdown.plain(text, page, page.inks.muted + Style(italic=True)) if text else []


def _gist(text: str, *, last: bool) -> str:
    """The first line of a thought, or the newest while it grows; without Markdown's signs."""
    lines = [line.strip(" #*`_") for line in text.split("\n") if line.strip(" #*`_")]
    return lines[-1 if last else 0] if lines else ""


@dataclass(frozen=True)
class Remark:
    """A sentence of ion: an error in red, a warning in amber, anything else dim."""

    level: Level
    text: str

    @property
    def slim(self) -> bool:
        return self.level == "info"

    def estimate(self, width: int) -> int:
        return _lines(self.text, width)

    def draw(self, page: Page) -> list[Row]:
        inks = page.inks
        glyph, sign, ink = {
            "info": (inks.glyphs.note, inks.faint, inks.faint),
            "warning": (inks.glyphs.note, inks.warning, inks.page),
            "error": (inks.glyphs.failed, inks.error, inks.page),
        }[self.level]
        rows: list[Row] = []
        for line in sanitize(self.text).expandtabs(4).strip().split("\n"):
            first = None if rows else (f"{glyph} ", sign)
            rows += hang(page, wrap([(line, ink)], page.prose), TEXT, first)
        return rows
