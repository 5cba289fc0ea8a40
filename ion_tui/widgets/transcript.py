"""The transcript: one widget, however long the session is.

It paints rows of a :class:`Story` by Textual's line API and moves only when a person moves it or
when it follows the end. Its place is a block and a row within it, so that a guessed height that
turns out wrong never moves the text one reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from ion_core.errors import ConfigError
from ion_core.events import Emitted
from ion_core.ids import CallId, SessionId
from ion_core.view import SessionView
from ion_tui import themes
from ion_tui.render.cells import cells
from ion_tui.render.inks import inks
from ion_tui.render.rows import Page, Row
from ion_tui.render.story import Story
from ion_tui.render.teller import Teller

FRAME_S = 1 / 30
WHEEL_ROWS = 3


class Transcript(ScrollView, can_focus=True):
    """A session as it is read. Give it views with ``reset`` and ``update``."""

    DEFAULT_CSS = """
    Transcript {
        background: $background;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    """

    class FollowChanged(Message):
        """The end is followed again (``new_lines`` 0), or that many rows came since it was left."""

        def __init__(self, new_lines: int) -> None:
            super().__init__()
            self.new_lines = new_lines

    def __init__(
        self,
        *,
        id: str | None = None,
        classes: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.story = Story(Page(80, inks(themes.load())))
        self._teller = Teller(self.story, clock)
        self._view = SessionView(session=SessionId(""))
        self._waiting: list[Emitted] = []
        self._more = self._painting = False
        self._drawn_at = 0.0
        self._frame: Timer | None = None
        self._seconds: Timer | None = None
        self._block = self._row = 0
        self._window: list[Row] = []
        self._left_at: int | None = None
        self._told_lines = 0

    def on_mount(self) -> None:
        self.watch(self.app, "theme", self._theme_changed, init=True)

    # What happens in the session

    def reset(self, view: SessionView) -> None:
        """Show another session, or this one after it moved: at its end, following it."""
        self._view, self._waiting, self._left_at = view, [], None
        self._teller.reset(view)
        self._changed()

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Show what happened since the last call; drawn at most thirty times a second."""
        self._view = view
        self._waiting += events
        due = self._drawn_at + FRAME_S - time.monotonic()
        if due <= 0:
            self._draw_frame()
        elif self._frame is None:
            self._frame = self.set_timer(due, self._draw_frame)

    def _draw_frame(self) -> None:
        if self._frame is not None:
            self._frame.stop()
        events, self._waiting = self._waiting, []
        more = self._teller.update(self._view, events)
        self._drawn_at = time.monotonic()
        self._frame = self.set_timer(FRAME_S / 8, self._draw_frame) if more else None
        self._changed()

    def _changed(self) -> None:
        self._settle()
        if self._view.running and self._seconds is None:
            self._seconds = self.set_interval(1.0, self._second_passed)
        elif not self._view.running and self._seconds is not None:
            self._seconds.stop()
            self._seconds = None

    def _second_passed(self) -> None:
        self._teller.tick(self._view)
        self._changed()

    # What a person wishes

    @property
    def following(self) -> bool:
        """Whether new text scrolls into view."""
        return self._left_at is None

    def page_up(self) -> None:
        """One page towards the beginning; two rows stay."""
        self._move(-max(1, self._height - 2))

    def page_down(self) -> None:
        """One page towards the end."""
        self._move(max(1, self._height - 2))

    def home(self) -> None:
        """To the beginning."""
        self._leave()
        self._block = self._row = 0
        self._settle()

    def end(self) -> None:
        """To the end, and follow it."""
        self._left_at = None
        self._settle()

    def toggle_details(self) -> None:
        """Open everything that is folded, or fold it again. The first visible block stays."""
        self._redraw(self.story.page._replace(opened=not self.story.page.opened))

    def reveal(self, call: CallId) -> bool:
        """Scroll to a tool call. False when it is not in this session."""
        position = self._teller.position(call)
        if position is not None:
            self._leave()
            self._block, self._row = position, 0
            self._settle()
        return position is not None

    def selected_text(self) -> str:
        """What the mouse selected: text without gutters, wrapped lines joined again."""
        selection = self.text_selection
        return (self.get_selection(selection) or ("", ""))[0] if selection else ""

    def recolour(self, look: themes.Look) -> None:
        """Draw with another theme."""
        self._redraw(self.story.page._replace(inks=inks(look)))

    def _theme_changed(self, name: str) -> None:
        try:
            self.recolour(themes.load(name))
        except ConfigError:
            self.recolour(themes.load())

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._move(-WHEEL_ROWS)

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._move(WHEEL_ROWS)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Somebody dragged the scrollbar, or used one of Textual's own scroll actions."""
        distance = round(new_value) - self._top
        if not distance:
            return
        if abs(distance) <= 3 * self._height:
            self._move(distance)
        elif len(self.story):
            self._leave()
            self._block, self._row = self.story.heights.find(max(0, round(new_value)))
            self._settle()

    def _on_resize(self, event: events.Resize) -> None:
        page = self.story.page
        if self._width != page.width and self._width:
            self._redraw(page._replace(width=self._width))
        else:
            self._settle()

    # Where we are: a block and a row in it

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    @property
    def _top(self) -> int:
        """The first visible row, counted from the beginning."""
        return self.story.heights.before(self._block) + self._row if len(self.story) else 0

    def _leave(self) -> None:
        if self._left_at is None:
            self._left_at = self.story.heights.total

    def _move(self, rows: int) -> None:
        """Scroll by rows that are really there: blocks on the way are drawn first."""
        if not len(self.story):
            return
        self._leave()
        block, row = self._block, self._row + rows
        while row < 0 and block:
            block -= 1
            row += len(self.story.draw(block))
        while row >= (height := len(self.story.draw(block))) and block < len(self.story) - 1:
            block, row = block + 1, row - height
        self._block, self._row = block, max(0, row)
        self._settle()

    def _redraw(self, page: Page) -> None:
        before = self.story.heights[self._block] if self._block < len(self.story) else 0
        share = self._row / before if before else 0.0
        self.story.redraw(page)
        if self._block < len(self.story):
            self._row = int(share * len(self.story.draw(self._block)))
        self._settle()

    def _settle(self) -> None:
        """Draw what is visible, and tell Textual where that is."""
        if not self._height:
            return
        if self.following:
            self._to_end()
        window = self._visible()
        if not self.following and self._top + self._height >= self.story.heights.total:
            self._left_at = None
            self._to_end()
            window = self._visible()
        self._place()
        self._show(window)
        self._tell()

    def _to_end(self) -> None:
        missing = self._height
        self._block = self._row = 0
        for block in range(len(self.story) - 1, -1, -1):
            missing -= len(self.story.draw(block))
            if missing <= 0:
                self._block, self._row = block, -missing
                return

    def _visible(self) -> list[Row]:
        rows: list[Row] = []
        block = self._block = min(self._block, max(0, len(self.story) - 1))
        skip = self._row
        while len(rows) < self._height and block < len(self.story):
            rows += self.story.draw(block)[skip:]
            block, skip = block + 1, 0
        return rows[: self._height]

    def _place(self) -> None:
        """Textual's idea of size and position, without the layout that its setters would cause."""
        total, top = self.story.heights.total, self._top
        self.set_reactive(Widget.virtual_size, Size(self._width, total))
        self.set_reactive(Widget.scroll_y, float(top))
        self.set_reactive(Widget.scroll_target_y, float(top))
        bar = self.vertical_scrollbar
        bar.window_virtual_size, bar.window_size, bar.position = total, self._height, top

    def _show(self, window: list[Row]) -> None:
        """Repaint the rows that differ from what is on the screen, and no others."""
        old, self._window = self._window, window
        rows = range(max(len(old), len(window)))
        differ = [y for y in rows if _strip(old, y) is not _strip(window, y)]
        if differ:
            first, last = differ[0], differ[-1]
            self.refresh(Region(0, first, self._width, last - first + 1))

    def _tell(self) -> None:
        since = self._left_at
        lines = 0 if since is None else max(0, self.story.heights.total - since)
        if lines != self._told_lines:
            self._told_lines = lines
            self.post_message(self.FollowChanged(lines))

    # Painting and selecting

    def render_lines(self, crop: Region) -> list[Strip]:
        self._painting = True
        try:
            return super().render_lines(crop)
        finally:
            self._painting = False

    def render_line(self, y: int) -> Strip:
        width = self._width
        if y >= len(self._window):
            return Strip.blank(width, self.story.page.inks.page)
        strip = self._window[y].strip
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(self._top + y)) is not None:
            strip = self._selected(strip, *span)
        # Offsets are for finding what is under the mouse; painting needs none, and they are dear.
        return strip if self._painting else strip.apply_offsets(0, self._top + y)

    def _selected(self, strip: Strip, start: int, end: int) -> Strip:
        text = strip.text
        first = cells(text[:start])
        last = strip.cell_length if end < 0 else cells(text[:end])
        tint = self.story.page.inks.selection
        before, chosen, after = strip.crop(0, first), strip.crop(first, last), strip.crop(last)
        return Strip.join([before, Strip([*_tinted(chosen, tint)], last - first), after])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written: no gutters, and no line ends where rows wrap."""
        last = self.story.heights.total - 1
        first_y, first_x = selection.start.transpose if selection.start else (0, 0)
        last_y, last_x = selection.end.transpose if selection.end else (last, -1)
        pieces: list[str] = []
        for y in range(max(0, first_y), min(last, last_y) + 1):
            block, row = self.story.heights.find(y)
            found = self.story.draw(block)[row]
            start = max(found.gutter, first_x if y == first_y else 0)
            end = None if y != last_y or last_x < 0 else max(start, last_x)
            join = ("\n" if found.join is None else found.join) if pieces else ""
            pieces.append(join + found.strip.text[start:end].rstrip())
        return ("".join(pieces), "\n") if pieces else None

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()


def _strip(rows: list[Row], y: int) -> Strip | None:
    return rows[y].strip if y < len(rows) else None


def _tinted(strip: Strip, tint: Style) -> list[Segment]:
    return [Segment(text, (style or Style.null()) + tint) for text, style, _ in strip]
