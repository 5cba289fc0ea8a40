"""Where somebody is in a story: at a row of a block, not at a number of rows.

Heights above are guesses until they are drawn; a place does not depend on them, so correcting one
never moves what is read. Moving draws the blocks on the way and counts rows that are really there.
"""

from __future__ import annotations

from ion_tui.render.rows import Page, Row
from ion_tui.render.story import Story


class Place:
    """The first visible row of ``story``."""

    def __init__(self, story: Story) -> None:
        self.story, self.block, self.row = story, 0, 0

    @property
    def top(self) -> int:
        """The first visible row, counted from the beginning by what is known of heights."""
        return self.story.heights.before(self.block) + self.row if len(self.story) else 0

    def go(self, block: int, row: int = 0) -> None:
        """To a row of a block."""
        self.block, self.row = block, row

    def find(self, top: int) -> None:
        """To a row counted from the beginning, as a scrollbar does."""
        if len(self.story):
            self.block, self.row = self.story.heights.find(max(0, top))

    def move(self, rows: int) -> None:
        """Up (negative) or down; not beyond the ends."""
        if not len(self.story):
            return
        block, row, last = self.block, self.row + rows, len(self.story) - 1
        while row < 0 and block:
            block -= 1
            row += len(self.story.draw(block))
        while block < last and row >= (height := len(self.story.draw(block))):
            block, row = block + 1, row - height
        self.block, self.row = block, max(0, row)

    def end(self, height: int) -> None:
        """To where the last row of the story is the last of ``height`` visible ones."""
        self.block = self.row = 0
        for block in range(len(self.story) - 1, -1, -1):
            height -= len(self.story.draw(block))
            if height <= 0:
                self.block, self.row = block, -height
                return

    def visible(self, height: int) -> list[Row]:
        """The rows from here on, at most ``height``; what is seen has its right height."""
        rows: list[Row] = []
        block = self.block = min(self.block, max(0, len(self.story) - 1))
        skip = self.row
        while len(rows) < height and block < len(self.story):
            rows += self.story.draw(block)[skip:]
            block, skip = block + 1, 0
        return rows[:height]

    def redraw(self, page: Page) -> None:
        """The story on another page: the same share of the same block stays on top."""
        known = self.story.heights[self.block] if self.block < len(self.story) else 0
        share = self.row / known if known else 0.0
        self.story.redraw(page)
        if self.block < len(self.story):
            self.row = int(share * len(self.story.draw(self.block)))
