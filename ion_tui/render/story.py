"""Blocks one under the other, with known or guessed heights.

A block is drawn only when somebody looks at it, and its rows are kept until the page or its content
changes, so that ten thousand messages cost no more than the page that is seen.
"""

from __future__ import annotations

from typing import Protocol

from ion_tui.render.asides import Aside
from ion_tui.render.deeds import Deeds
from ion_tui.render.heights import Heights
from ion_tui.render.rows import Page, Row, blank
from ion_tui.render.speech import Piece, Remark, Thought


class Content(Protocol):
    """What a block shows: a frozen value. ``slim``: one-line rows that may stand close together."""

    @property
    def slim(self) -> bool: ...

    def estimate(self, width: int) -> int: ...

    def draw(self, page: Page) -> list[Row]: ...


class Block:
    """A content and, once drawn, its rows."""

    __slots__ = ("content", "opened", "rows")

    def __init__(self, content: Content) -> None:
        self.content, self.opened = content, False
        self.rows: list[Row] | None = None


class Story:
    """The blocks of a transcript, from the first to the newest."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.blocks: list[Block] = []
        self.heights = Heights()

    def __len__(self) -> int:
        return len(self.blocks)

    def append(self, content: Content, drawn: dict[Content, Block] | None = None) -> int:
        """One more block; its position. One for an equal content is taken out of ``drawn``."""
        block = drawn.pop(content, None) if drawn and not content.slim else None
        block = block or Block(content)
        self.blocks.append(block)
        position = len(self.blocks) - 1
        known = len(block.rows) if block.rows is not None else self._guess(position)
        self.heights.append(known)
        return position

    def put(self, position: int, content: Content) -> None:
        """Another content for a block: its height and that of the next one may change."""
        if self.blocks[position].content == content:
            return
        self.blocks[position].content = content
        for changed in (position, position + 1):
            if changed < len(self.blocks):
                self.blocks[changed].rows = None
                self.heights.set(changed, self._guess(changed))

    def cut(self, count: int) -> list[Block]:
        """Take away every block from position ``count`` on."""
        removed = self.blocks[count:]
        del self.blocks[count:]
        self.heights.cut(count)
        return removed

    def draw(self, position: int) -> list[Row]:
        """The rows of a block; its height is right from now on."""
        block = self.blocks[position]
        if block.rows is None:
            page = self.page._replace(opened=self.page.opened or block.opened)
            lead = [blank(page)] * self._lead(position)
            block.rows = lead + block.content.draw(page)
            self.heights.set(position, len(block.rows))
        return block.rows

    def redraw(self, page: Page) -> None:
        """Another width, theme or level of detail: nothing that was drawn holds any more."""
        self.page = page
        for block in self.blocks:
            block.rows = None
        self.heights = Heights(self._guess(position) for position in range(len(self.blocks)))

    def toggle(self, position: int, row: int) -> bool:
        """Open or fold a block that has details, if ``row`` is its first; whether it did."""
        return row == self._lead(position) and self.turn(position)

    def turn(self, position: int) -> bool:
        """Open or fold a block that has details; whether it has."""
        block = self.blocks[position]
        if not isinstance(block.content, Deeds | Thought | Aside):
            return False
        block.opened, block.rows = not block.opened, None
        return True

    def _guess(self, position: int) -> int:
        return self._lead(position) + self.blocks[position].content.estimate(self.page.width)

    def _lead(self, position: int) -> int:
        content = self.blocks[position].content
        if isinstance(content, Piece):
            return content.chunk.lead
        if not position or not content.slim:
            return 1
        before = self.blocks[position - 1].content
        if self.page.opened and not isinstance(content, Remark):
            return 1
        return 0 if before.slim and type(before) is type(content) else 1
