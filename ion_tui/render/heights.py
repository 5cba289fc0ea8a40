"""Where every block of a long transcript begins: a Fenwick tree over their heights.

Changing a height, adding a block and finding the block at a row each take a few steps for 10,000
blocks (Fenwick 1994, "A new data structure for cumulative frequency tables").
"""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """Heights in rows, by position from 0."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._sums = [0, *self._heights]
        for index in range(1, len(self._sums)):
            parent = index + (index & -index)
            if parent < len(self._sums):
                self._sums[parent] += self._sums[index]

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    @property
    def total(self) -> int:
        """The rows of everything."""
        return self.before(len(self))

    def before(self, index: int) -> int:
        """The rows of all blocks before ``index``: the row where it begins."""
        rows = 0
        while index:
            rows += self._sums[index]
            index &= index - 1
        return rows

    def append(self, height: int) -> None:
        """One more block at the end."""
        self._heights.append(height)
        index, total, child = len(self._heights), height, len(self._heights) - 1
        while child > (index & index - 1):
            total += self._sums[child]
            child &= child - 1
        self._sums.append(total)

    def set(self, index: int, height: int) -> None:
        """Correct one height."""
        change = height - self._heights[index]
        self._heights[index] = height
        node = index + 1
        while change and node < len(self._sums):
            self._sums[node] += change
            node += node & -node

    def cut(self, count: int) -> None:
        """Forget every block from position ``count`` on."""
        del self._heights[count:]
        del self._sums[count + 1 :]

    def find(self, row: int) -> tuple[int, int]:
        """The block at ``row`` and the row within it; the last block for rows below the end.

        Blocks without rows are passed over. There must be a block.
        """
        index, step = 0, 1 << len(self._heights).bit_length()
        while step:
            following = index + step
            if following < len(self._sums) and self._sums[following] <= row:
                index, row = following, row - self._sums[following]
            step >>= 1
        if index >= len(self._heights):
            return len(self._heights) - 1, row + self._heights[-1]
        return index, row
