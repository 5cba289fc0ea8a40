"""The main screen: sessions on the left, the conversation in the middle, the dock on the right.

It lays the regions out, sends keys to commands, and grants the wishes of its widgets. It speaks to
the session on screen by way of its errands, and to no other part of the core.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from ion_core.events import Emitted
from ion_core.ids import CallId
from ion_core.view import SessionView
from ion_tui import acts, intents, jobs
from ion_tui.bridge import Bridge
from ion_tui.chords import Chords
from ion_tui.commands import BY_ID, slash
from ion_tui.completing import Completing
from ion_tui.desk import Desk
from ion_tui.drafts import Drafts
from ion_tui.errands import Errand, Errands
from ion_tui.keymap import Keymap
from ion_tui.keys import LEADER
from ion_tui.nest import Nest
from ion_tui.news import Level, news
from ion_tui.phrases import one_line
from ion_tui.screens.layout import SMALLEST
from ion_tui.screens.regions import Regions
from ion_tui.widgets.asking import Asking
from ion_tui.widgets.composer import Composer
from ion_tui.widgets.dock import Dock
from ion_tui.widgets.listbox import Choice
from ion_tui.widgets.parent_pane import ParentPane
from ion_tui.widgets.sidebar import Sidebar
from ion_tui.widgets.status import Status
from ion_tui.widgets.transcript import Transcript
from ion_tui.widgets.welcome import Welcome
from ion_tui.widgets.which_key import WhichKey

if TYPE_CHECKING:
    from ion_tui.app import IonApp


class MainScreen(Screen[None]):
    """Everything a person sees most of the time. ``ion`` is the app behind it."""

    AUTO_FOCUS = "Prompt"

    ion: IonApp
    transcript: Transcript
    composer: Composer
    dock: Dock
    regions: Regions

    def __init__(self, ion: IonApp) -> None:
        super().__init__(id="main")
        self.ion, self.clock, self.commands = ion, ion.clock, BY_ID
        self.chords = Chords(ion.clock)
        self.transcript = Transcript(id="transcript", clock=ion.clock)
        self.parent_pane = ParentPane(clock=ion.clock)
        self.welcome = Welcome()
        self.composer = Composer(
            chords=self.chords,
            complete=self._complete,
            clock=ion.clock,
        )
        self.asking = Asking(
            chords=self.chords,
            clock=ion.clock,
            is_free=self._is_free,
            room=lambda: self.regions.room(),  # noqa: PLW0108 (they come later)
        )
        self.sidebar = Sidebar(chords=self.chords, clock=ion.clock)
        self.dock = Dock(chords=self.chords, clock=ion.clock)
        self.status = Status()
        self.regions = Regions(
            self,
            composer=self.composer,
            transcript=self.transcript,
            dock=self.dock,
            sidebar=self.sidebar,
            asking=self.asking,
            parent=self.parent_pane,
        )
        self.which_key = WhichKey(
            rows=self.leader_rows, place=self.regions.chat, late=self.chords.forget
        )
        self.chords.on_leader = self.which_key.lead
        self.nest = Nest()
        self.desk = Desk(
            panels=(self, self.transcript, self.asking, self.composer, self.dock, self.status),
            start=ion.start,
            on_events=self._heard,
            beside=self.parent_pane,
            parent_of=self.nest.parent_of,
        )
        self.completing = Completing(ion, self.desk, self.composer.prompt.offer_again)
        self.errands = Errands(lambda: self.desk.session, lambda text: self.say(text, "error"))
        self.drafts = Drafts.of(self)
        self.composer.typed = self.drafts.changed

    def compose(self) -> ComposeResult:
        """Left to right, then the last row; sheets that may lie over them come last."""
        with Horizontal(id="body"):
            yield self.sidebar
            with Vertical(id="chat"):
                yield self.transcript
                yield self.welcome
                yield self.asking
                yield self.composer
            yield self.dock
        yield self.status
        yield self.which_key
        yield Static(
            f"The terminal is too small: ion needs {SMALLEST[0]}x{SMALLEST[1]}.", id="small"
        )

    def on_mount(self) -> None:
        """The keyboard begins in the prompt."""
        self.composer.prompt.focus()
        self.regions.arrange()

    @property
    def view(self) -> SessionView | None:
        """The session on screen as its bridge sees it."""
        return self.desk.current.view if self.desk.current else None

    @property
    def keymap(self) -> Keymap:
        """The keys as they are bound now."""
        return self.chords.keymap

    def reset(self, view: SessionView) -> None:
        """Panel: another session, or another branch."""
        self._greet(view)
        self.parent_pane.way_back = self.keymap.hint("agent.back")
        self.call_later(self.regions.pair, lambda: self.desk.beside is not None)

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Panel: say what must be said, once."""
        self._greet(view)
        for text, level in news(events, self.keymap.hint("palette.open")):
            self.say(text, level)

    def _greet(self, view: SessionView) -> None:
        fresh = not view.entries and not view.busy
        self.welcome.display, self.transcript.display = fresh, not fresh
        self.welcome.model = view.model or self.welcome.model
        self.composer.along.show(self.desk.session)

    def _heard(self, bridge: Bridge, happened: Sequence[Emitted], shown: bool) -> None:
        self.nest.learn(bridge.view)
        self.ion.hearing.heard(bridge, happened)

    def on_key(self, event: events.Key) -> None:
        """Keys that the focused widget did not use: of the transcript, or of nothing."""
        command = self.chords.press("transcript", event.key)
        if command:
            self.run_command(command)
        elif command is None and event.character and event.is_printable:
            self.regions.to_prompt()
            self.composer.prompt.insert(event.character)
        if command is not None or event.is_printable:
            event.stop()
            event.prevent_default()

    def run_command(self, command: str, argument: str = "") -> None:
        """Run a command of the table; what takes time runs beside the screen."""
        known = BY_ID.get(command)
        if known is None:
            self.composer.prompt.obey(command)
            return
        self.do(known.run(self, argument))

    def do(self, work: Awaitable[None] | None) -> None:
        """See a command through; when it fails, say so."""
        if work is not None:
            self.ion.start(partial(self.ion.spoken, work))

    def grant(self, errand: Errand, lost: Callable[[], None] = lambda: None) -> None:
        """Ask something of the session on screen, after what was asked before."""
        self.errands.ask(errand, lost)

    def leader_rows(self) -> list[tuple[str, str]]:
        """What may follow the leader: keys and titles."""
        return [(keys, BY_ID[command].title) for keys, command in self.keymap.entries(LEADER)]

    def _complete(self, text: str, head: str) -> list[Choice]:
        return self.completing.choices(text, head)

    def on_resize(self, event: events.Resize) -> None:
        """Give each region its place at this size."""
        self.regions.resize(event.size.width, event.size.height)

    @on(events.DescendantFocus)
    def _mark_region(self) -> None:
        self.regions.mark()

    def scroll_lines(self, rows: int) -> None:
        """Scroll the conversation a little."""
        self.transcript.scroll_relative(y=rows, animate=False, force=True)

    def say(self, text: str, level: Level = "information") -> None:
        """A sentence that goes away by itself, once it can have been read."""
        timeout = max(self.app.NOTIFICATION_TIMEOUT, len(text) / 15)  # characters a second
        self.notify(one_line(text), severity=level, markup=False, timeout=timeout)

    # Sessions.

    @property
    def session_id(self) -> str:
        """The session on screen, empty before there is one."""
        return self.desk.session.id if self.desk.session else ""

    @on(intents.Submitted)
    def _submit(self, wish: intents.Submitted) -> None:
        meant = slash(wish.text.strip())
        if isinstance(meant, str):
            self.do(acts.submit_own(self, wish.text, meant))
        elif meant is not None:
            self.run_command(meant[0].id, meant[1])
        else:
            acts.submit(self, wish.text)

    @on(intents.FollowUpWanted)
    def _follow_up(self, wish: intents.FollowUpWanted) -> None:
        acts.follow_up(self, wish.text)

    @on(intents.InterruptWanted)
    def _interrupt(self) -> None:
        acts.stop(self)

    @on(intents.TakeBackWanted)
    def _take_back(self) -> None:
        acts.take_back(self)

    @on(intents.CommandWanted)
    def _command(self, wish: intents.CommandWanted) -> None:
        self.run_command(wish.command, wish.argument)

    @on(intents.Said)
    def _said(self, wish: intents.Said) -> None:
        self.say(wish.text)

    @on(intents.CopyWanted)
    def _copy(self, wish: intents.CopyWanted) -> None:
        acts.copy(self, wish.text)

    @on(intents.SessionWanted)
    def _open(self, wish: intents.SessionWanted) -> None:
        self.do(acts.show_at(self, wish))

    @on(intents.ShelfWanted)
    def _shelve(self, wish: intents.ShelfWanted) -> None:
        from ion_tui import curating  # start-up: nobody asks for it before the first paint

        curating.obey(self, wish)

    @on(intents.Decided)
    def _decide(self, wish: intents.Decided) -> None:
        acts.decide(self, CallId(wish.call), wish.decision)

    @on(intents.Answered)
    def _reply(self, wish: intents.Answered) -> None:
        acts.reply(self, CallId(wish.call), wish.answers)

    @on(intents.Typed)
    def _type(self, wish: intents.Typed) -> None:
        self.regions.to_prompt()
        self.composer.prompt.insert(wish.text)

    def _is_free(self) -> bool:
        """Whether nobody is writing a prompt, and nothing lies over the page."""
        at_rest = self.focused is None or self.focused is self.composer.prompt
        return at_rest and self.is_current and not self.composer.prompt.text

    @on(intents.RevealWanted)
    async def _reveal(self, wish: intents.RevealWanted) -> None:
        await acts.reveal(self, CallId(wish.call))

    @on(intents.JobWanted)
    def _show_job(self, wish: intents.JobWanted) -> None:
        jobs.show_output(self, wish.job)

    @on(intents.JobStopWanted)
    def _stop_job(self, wish: intents.JobStopWanted) -> None:
        jobs.stop(self, wish.job)

    @on(Transcript.FollowChanged)
    def _below(self, changed: Transcript.FollowChanged) -> None:
        self.composer.activity.show_below(changed.new_lines)
