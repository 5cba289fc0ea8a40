"""The regions of the main screen: which are on screen, and which has the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from ion_tui.screens.layout import Layout, Panel
from ion_tui.widgets.asking import Asking
from ion_tui.widgets.composer import Composer
from ion_tui.widgets.dock import Dock, Tab
from ion_tui.widgets.sidebar import Sidebar
from ion_tui.widgets.transcript import Transcript


def _is_shown(widget: Widget) -> bool:
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


class Regions:
    """Arranges the four regions of ``screen`` for its size and for what people opened."""

    def __init__(
        self,
        screen: Screen[None],
        *,
        composer: Composer,
        transcript: Transcript,
        dock: Dock,
        sidebar: Sidebar,
        asking: Asking,
        parent: Widget,
    ) -> None:
        self._parent = parent
        self._screen, self._layout = screen, Layout()
        self._composer, self._dock, self._sidebar = composer, dock, sidebar
        self._transcript, self._asking = transcript, asking
        self._before: Tab | None = None

    def resize(self, columns: int, rows: int) -> None:
        """Give each region its place at this size."""
        self._layout.resize(columns, rows)
        self.arrange()

    def arrange(self) -> None:
        """Show what the plan shows."""
        plan, screen = self._layout, self._screen
        for width in ("narrow", "medium", "wide"):
            screen.set_class(plan.width == width, f"-{width}-columns")
        screen.set_class(plan.too_small, "-too-small")
        self._sidebar.display = plan.shows("sidebar")
        self._dock.display = plan.shows("dock")
        self._parent.display = plan.pairs

    @property
    def is_wide(self) -> bool:
        """Whether there is room for another conversation beside the chat."""
        return self._layout.width == "wide"

    async def pair(self, wanted: Callable[[], bool]) -> None:
        """Show the session of an agent beside it where there is room, or no longer."""
        self._layout.paired = wanted()
        if self._layout.paired and not self._parent.is_attached:
            await self._screen.query_one("#body").mount(self._parent, before="#chat")
        self.arrange()

    def toggle(self, panel: Panel) -> None:
        """Open or close a side panel; one that covers the chat takes the keyboard."""
        opened = self._layout.toggle(panel)
        self.arrange()
        focused = self._screen.focused
        if opened and self._layout.covers:
            (self._dock.stop if panel == "dock" else self._sidebar.stop).focus()
        elif focused is None or not focused.is_on_screen or not opened:
            self.to_prompt()

    def open_sidebar(self) -> None:
        """Show the sessions and go there."""
        if not self._layout.shows("sidebar"):
            self.toggle("sidebar")
        self._sidebar.stop.focus()

    def open_tab(self, tab: Tab) -> None:
        """Show a tab of the dock and go there."""
        self._dock.show(tab)
        if not self._layout.shows("dock"):
            self.toggle("dock")
        self._dock.stop.focus()

    def toggle_tab(self, tab: Tab) -> None:
        """Show a tab of the dock, or what was there before it; the keyboard stays where it is."""
        dock, shown = self._dock, self._layout.shows("dock")
        if shown and dock.tab == tab and self._before is not None:
            dock.show(self._before)
        elif shown and dock.tab != tab:
            self._before = dock.tab
            dock.show(tab)
        else:
            self._before = None
            dock.show(tab)
            self.toggle("dock")

    def chat(self) -> Region:
        """Where the conversation and the prompt are."""
        return self._screen.query_one("#chat").content_region

    def room(self) -> int:
        """Rows between the top of the chat and the composer, but one of the conversation's."""
        return self.chat().height - self._composer.outer_size.height - 1

    def step(self, by: int) -> None:
        """Go to the next region that is on screen, or with -1 to the one before."""
        shown = [widget for widget in self._stops() if _is_shown(widget)]
        focused = self._screen.focused
        at = shown.index(focused) if focused in shown else 0
        shown[(at + by) % len(shown)].focus()

    def _stops(self) -> tuple[Widget, ...]:
        prompt, sessions = self._composer.prompt, self._sidebar.stop
        return (prompt, self._asking, self._transcript, self._dock.stop, sessions)

    def mark(self) -> None:
        """Show which region has the keyboard."""
        for region in (self._sidebar, self._dock, self._asking, self._composer):
            region.set_class(region.has_focus_within, "-active")

    def to_prompt(self) -> None:
        """Back to the prompt; what covered it closes."""
        self._layout.uncover()
        self.arrange()
        self._composer.prompt.focus()
