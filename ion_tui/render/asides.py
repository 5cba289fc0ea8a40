"""What a model reads and a person seldom does: checkpoints, instructions, attachments.

Each is one line that opens into the whole text. A checkpoint is a rule across the page, since what
is above it is no longer read as it stands there.
"""

from __future__ import annotations

from dataclasses import dataclass

from ion_core.entries import Compaction, Note
from ion_core.remarks import detail, remark
from ion_tui.render import markdown
from ion_tui.render.cells import cells, shorten
from ion_tui.render.rows import TEXT, Page, Row, row
from ion_tui.render.sanitize import sanitize
from ion_tui.render.speech import Remark
from ion_tui.render.split import split

RULE = "─"


@dataclass(frozen=True)
class Aside:
    """``title`` in a line, ``more`` behind it; ``ruled``: across the page."""

    title: str
    more: str = ""
    ruled: bool = False

    @property
    def slim(self) -> bool:
        return not self.ruled

    def estimate(self, width: int) -> int:
        return 1

    def draw(self, page: Page) -> list[Row]:
        title = " ".join(sanitize(self.title).split())
        head = self._rule(title, page) if self.ruled else self._line(title, page)
        return [head, *self._whole(page)] if page.opened and self.more else [head]

    def _line(self, title: str, page: Page) -> Row:
        inks = page.inks
        said = shorten(title, max(8, page.width - TEXT - 2))
        return row(
            [(f"{inks.glyphs.note} ", inks.faint), (said, inks.faint)], page.width, inks.page
        )

    def _rule(self, title: str, page: Page) -> Row:
        inks, width = page.inks, max(8, page.width - 2)
        said = shorten(title, max(4, width - 8))
        right = max(0, width - cells(said) - 6)
        spans = [
            (RULE * 2 + "  ", inks.faint),
            (said, inks.muted),
            ("  " + RULE * right, inks.faint),
        ]
        return row(spans, page.width, inks.page)

    def _whole(self, page: Page) -> list[Row]:
        rows: list[Row] = []
        for chunk in split(sanitize(self.more)):
            rows += markdown.typeset(chunk, page)
        return rows


def noted(note: Note) -> Aside | Remark:
    """A line of ion's own; what has a long text behind it opens."""
    if isinstance(note, Compaction):
        return Aside(remark(note), detail(note), ruled=True)
    more = detail(note)
    return Aside(remark(note), more) if more else Remark("info", remark(note))
