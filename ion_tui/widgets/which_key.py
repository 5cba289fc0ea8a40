"""The keys that may follow the leader, shown when somebody hesitates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region
from textual.timer import Timer
from textual.widgets import Static

from ion_tui.chords import LEADER_LIMIT_S

COLUMN_GAP = 3
HESITATION_S = 0.4
"""Hesitation after the leader before its keys are shown (`tui.md` §3.5)."""


class WhichKey(Static):
    """A sheet over the bottom of ``place``; ``rows`` are keys and titles, ``late`` is called when
    no key came in time."""

    def __init__(
        self,
        *,
        rows: Callable[[], Sequence[tuple[str, str]]],
        place: Callable[[], Region],
        late: Callable[[], None],
    ) -> None:
        super().__init__(id="which-key")
        self._rows, self._place, self._late = rows, place, late
        self._timer: Timer | None = None

    def lead(self, leading: bool) -> None:
        """The leader was pressed, or counts no more."""
        if self._timer is not None:
            self._timer.stop()
        self.display = False
        self._timer = self.set_timer(HESITATION_S, self._offer) if leading else None

    def _offer(self) -> None:
        place = self._place()
        self.styles.width = place.width
        below = self.app.size.height - place.bottom
        self.styles.margin = (0, 0, max(0, below), place.x)
        self._draw(self._rows(), place.width)
        self.display = True
        self._timer = self.set_timer(LEADER_LIMIT_S - HESITATION_S, self._late)

    def _draw(self, rows: Sequence[tuple[str, str]], width: int) -> None:
        cells = [f"{key:>6}  {title}" for key, title in rows]
        column = max(map(cell_len, cells), default=1) + COLUMN_GAP
        columns = max(1, width // column)
        height = -(-len(cells) // columns)
        lines = []
        for y in range(height):
            line = Content("")
            for key, title in rows[y::height]:
                text = f"  {title}"
                pad = " " * (column - 6 - cell_len(text))
                line = Content.assemble(
                    line, (f"{key:>6}", "bold $ion-accent"), (text + pad, "$ion-foreground")
                )
            lines.append(line)
        self.update(Content("\n").join(lines))
