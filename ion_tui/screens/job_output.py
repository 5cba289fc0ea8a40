"""What a job wrote, over the page: the end of it, growing while the job runs.

It follows the end unless somebody scrolled away. Esc closes it; the job knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Static

from ion_core.underway import Job
from ion_tui.keymap import Keymap
from ion_tui.phrases import one_line
from ion_tui.render.sanitize import sanitize
from ion_tui.screens.sheet import lay

AGAIN_S = 1.0
FRAME_ROWS = 4
"""The heading, the row above the keys, the keys and a row of the page."""


class JobOutput(ModalScreen[None]):
    """``job`` gives the job as it is now and ``output`` what it wrote so far; ``stop`` ends it and
    ``copy`` puts text on the clipboard."""

    def __init__(
        self,
        job: Callable[[], Job],
        output: Callable[[], str],
        *,
        keymap: Keymap,
        place: Callable[[], Region],
        stop: Callable[[], None],
        copy: Callable[[str], None],
    ) -> None:
        super().__init__(name="job-output")
        self._job, self._output, self._keymap, self._place = job, output, keymap, place
        self._stop, self._copy = stop, copy
        self._said: str | None = None
        self._state, self._text = Static(id="job-state"), Static(id="job-text")
        self._body = VerticalScroll(self._text, id="job-body")
        self._body.can_focus = False

    def compose(self) -> ComposeResult:
        """Heading, output, keys."""
        keys = [("job.stop", "jobs", "stops it"), ("jobs.copy", "jobs", "copies what it wrote")]
        keys.append(("list.close", "list", "goes back"))
        hints = [f"{self._keymap.hint(command, place)} {does}" for command, place, does in keys]
        with Vertical(id="job-sheet"):
            with Horizontal(id="job-head"):
                yield Static(Content(f"  {one_line(self._job().command)}"), id="job-title")
                yield self._state
            yield self._body
            yield Static(Content("  " + "  ".join(hints)), id="job-foot")

    def on_mount(self) -> None:
        """Show what there is, and look again while the job runs."""
        self._show()
        self._settle()
        self.call_after_refresh(self._settle)
        self.set_interval(AGAIN_S, self._show)

    def on_resize(self) -> None:
        """Stay over the chat."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        place = self._place()
        lay(self, self.query_one("#job-sheet"), place)
        self._body.styles.max_height = max(1, place.height - FRAME_ROWS)

    def _show(self) -> None:
        job = self._job()
        ended = job.ended
        state = "running" if ended is None else ended.status
        code = f" with exit {ended.exit_code}" if ended and ended.status == "failed" else ""
        self._state.update(Content(f"{state}{code} "))
        text = self._output() if ended is None else self._output() or ended.tail
        if text == self._said:
            return
        follows = self._body.scroll_offset.y >= self._body.max_scroll_y
        self._said = text
        self._text.update(Content(sanitize(text).rstrip("\n") or "It wrote nothing yet."))
        if follows:
            self._body.scroll_end(animate=False)

    def on_key(self, event: Key) -> None:
        """The keys of the jobs, and those that close a list."""
        event.stop()
        own = self._keymap.command("jobs", event.key) or ""
        self.obey(own if own.startswith("job") else self._keymap.command("list", event.key) or "")

    def obey(self, command: str) -> None:
        """Scroll, stop the job, copy its output, or go back."""
        page = max(1, self._body.size.height - 1)
        steps = {"jobs.down": 1, "jobs.up": -1, "jobs.page_down": page, "jobs.page_up": -page}
        if command in steps:
            self._body.scroll_relative(y=steps[command], animate=False)
        elif command == "job.stop" and self._job().ended is None:
            self._stop()
        elif command == "jobs.copy":
            self._copy(self._said or "")
        elif command == "list.close":
            self.dismiss()
