"""The transcript: one widget, however long the session is.

It paints rows of a :class:`Story` by Textual's line API and moves only when a person moves it or
when it follows the end. Its place is a block and a row within it, so that a guessed height that
turns out wrong never moves the text one reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from textual import events, on
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from ion_core.errors import ConfigError
from ion_core.events import Emitted
from ion_core.ids import CallId, EntryId
from ion_core.view import SessionView
from ion_tui import themes
from ion_tui.widgets.feed import Feed
from ion_tui.widgets.follow import Follow
from ion_tui.widgets.reading import Reading
from ion_tui.widgets.sought import Sought

if TYPE_CHECKING:
    from ion_tui.render.rows import Row
    from ion_tui.render.story import Story


class Transcript(ScrollView, can_focus=True):
    """A session as it is read. Give it views with ``reset`` and ``update``. A click leaves the
    keyboard where it is: whoever types after it means the prompt."""

    FOCUS_ON_CLICK = False

    DEFAULT_CSS = """
    Transcript {
        background: $background;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
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
        self._reading = Reading(clock)
        self.feed = Feed(self, self._reading, self._told)
        self._sought = Sought(self, self._reading)
        self._follow = Follow(lambda lines: self.post_message(self.FollowChanged(lines)))
        self._window: list[Row] = []
        self._blank = Strip([], 0)

    def on_mount(self) -> None:
        self.watch(self.app, "theme", self._theme_changed, init=True)

    @property
    def story(self) -> Story:
        """The blocks of the session."""
        return self._reading.story

    def reset(self, view: SessionView) -> None:
        """Show another session, or this one after it moved: at its end, following it."""
        self._follow.resume()
        self.feed.reset(view)

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Show what happened since the last call; drawn at most thirty times a second."""
        self.feed.update(view, events)

    def _told(self, rows: int) -> None:
        self._follow.grew(rows)
        if self._sought.again():
            self._follow.leave()
            self.refresh()
        self._settle()

    @property
    def following(self) -> bool:
        """Whether new text scrolls into view."""
        return self._follow.on

    def page_up(self) -> None:
        """One page towards the beginning; two rows stay."""
        self._move(-max(1, self._height - 2))

    def page_down(self) -> None:
        """One page towards the end."""
        self._move(max(1, self._height - 2))

    def home(self) -> None:
        """To the beginning."""
        self._leave()
        self._reading.place.go(0)
        self._settle()

    def end(self) -> None:
        """To the end, and follow it."""
        self._sought.leave()
        self._follow.resume()
        self._settle()

    def toggle_details(self) -> None:
        """Open everything that is folded, or fold it again. The first visible block stays."""
        self._reading.toggle_details()
        self._settle()

    def reveal(self, call: CallId) -> bool:
        """Scroll to a tool call. False when it is not in this session."""
        position = self._reading.teller.position(call)
        if position is not None:
            self._leave()
            self._reading.place.go(position)
            self._settle()
        return position is not None

    @property
    def calls(self) -> list[CallId]:
        """The calls on the screen, from the top."""
        return self._reading.calls(self._height)

    def seek(self, entry: EntryId, words: Sequence[str] = ()) -> None:
        """Scroll to an entry, to where one of ``words`` is, and mark it for a moment. One that is
        about to be told is waited for."""
        if self._sought.seek(entry, words):
            self._follow.leave()
            self._settle()
            self.refresh()

    def _leave(self) -> None:
        """Somebody goes elsewhere: neither the end nor what was sought holds them."""
        self._follow.leave()
        self._sought.leave()

    def _theme_changed(self, name: str) -> None:
        try:
            look = themes.load(name)
        except ConfigError:
            look = themes.load()
        self._reading.recolour(look)
        self._settle()

    @on(events.Click)
    def _clicked(self, event: events.Click) -> None:
        """A click on the first row of a call or thought opens or folds it."""
        if event.y >= len(self._window) or self.text_selection is not None:
            return
        block, row = self.story.heights.find(self._reading.place.top + event.y)
        if self.story.toggle(block, row):
            self._settle()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Somebody dragged the scrollbar, or used one of Textual's own scroll actions."""
        distance = round(new_value) - self._reading.place.top
        if not distance:
            return
        if abs(distance) <= 3 * self._height:
            self._move(distance)
        else:
            self._leave()
            self._reading.place.find(round(new_value))
            self._settle()

    def _on_resize(self, event: events.Resize) -> None:
        self._reading.resize(self._width)
        self._settle()

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    def _move(self, rows: int) -> None:
        self._leave()
        self._reading.place.move(rows)
        self._settle()

    def _settle(self) -> None:
        """Draw what is visible, and tell Textual where that is."""
        if not (self._height and self._reading.begun):
            return
        if self.following:
            self._reading.place.end(self._height)
        window = self._reading.place.visible(self._height)
        if (
            not self.following
            and self._reading.place.top + self._height >= self.story.heights.total
        ):
            self._follow.resume()
            self._reading.place.end(self._height)
            window = self._reading.place.visible(self._height)
        self._tell_textual()
        self._show(window)
        self._follow.say()

    def _tell_textual(self) -> None:
        """Size and position, without the layout that the setters would cause."""
        total, top = self.story.heights.total, self._reading.place.top
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

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows themselves, as they are kept: Textual then finds what it cut and rendered of
        them the last time. (Its own way makes new strips for every frame: 1 ms for 50 rows.)"""
        filters, background = self.get_line_filters(), self.background_colors[1]
        page, columns = Style(bgcolor=self._reading.look.palette.background), crop.column_span
        strips = []
        for y in crop.line_range:
            strip = self._line(y).crop_extend(*columns, page)
            for each in filters:
                strip = strip.apply_filter(each, background)
            strips.append(strip)
        return strips

    def render_line(self, y: int) -> Strip:
        """A row that knows its place, for finding what is under the mouse."""
        return self._line(y).apply_offsets(0, self._reading.place.top + y)

    def _line(self, y: int) -> Strip:
        if y >= len(self._window):
            return self._blank
        strip = self._window[y].strip
        if self._sought.block is not None and self._is_sought(y):
            from ion_tui.render.copying import tinted  # start-up: as below

            return tinted(strip, 0, -1, Style(bgcolor=self._reading.look.palette.selection))
        selection = self.text_selection
        if (
            selection is not None
            and (span := selection.get_span(self._reading.place.top + y)) is not None
        ):
            from ion_tui.render.copying import tinted

            return tinted(strip, *span, Style(bgcolor=self._reading.look.palette.selection))
        return strip

    def _is_sought(self, y: int) -> bool:
        """Whether a row belongs to what is marked; the blank row above it does not."""
        block, row = self.story.heights.find(self._reading.place.top + y)
        return block == self._sought.block and bool(row or self._window[y].strip.text.strip())

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written: no gutters, and no line ends where rows wrap."""
        from ion_tui.render.copying import copied

        first = selection.start.transpose if selection.start else (0, 0)
        last = selection.end.transpose if selection.end else (self.story.heights.total - 1, -1)
        text = copied(self.story, first, last)
        return (text, "\n") if text else None

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()


def _strip(rows: list[Row], y: int) -> Strip | None:
    return rows[y].strip if y < len(rows) else None
