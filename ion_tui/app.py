"""The app: paints first, then opens the runtime, and closes it when it leaves.

It owns what outlives a screen: the runtime, the theme, the terminal. Before the first paint it
imports nothing but Textual and its own widgets, and it asks no file but one theme.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import AppBlur, AppFocus, Event, Key

from ion_core import __version__
from ion_core.errors import ConfigError, IonError
from ion_core.events import Emitted
from ion_core.ids import Clock
from ion_tui import acts, daily, first, terminal, themes
from ion_tui.backdrop import Backdrop, BackdropTold, question
from ion_tui.commands import COMMANDS
from ion_tui.hearing import Hearing
from ion_tui.keymap import keymap
from ion_tui.library import Library
from ion_tui.place import branch_name, folder_name
from ion_tui.screens.main import MainScreen
from ion_tui.threshold import Threshold

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from ion_core.config.schema import Settings
    from ion_core.runtime import Runtime

OpenRuntime: TypeAlias = "Callable[[], Awaitable[Runtime]]"
LEAVING_S = 10.0
"""After a signal, so long may closing take: commands that run are given a second of it."""

Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class IonApp(App[None]):
    """``runtime_factory`` makes a runtime, which is entered here once ``threshold`` was crossed.
    ``session`` is the id of the one to show, ``latest`` asks for the newest of the folder; else it
    is a new one."""

    CSS_PATH = "ion.tcss"
    TITLE = "ion"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (64, "-roomy")]  # noqa: RUF012  # as the base has it
    NOTIFICATION_TIMEOUT = 6

    def __init__(
        self,
        runtime_factory: OpenRuntime,
        *,
        folder: Path,
        session: str = "",
        latest: bool = False,
        choose: bool = False,
        clock: Clock = time.time,
        version: str = __version__,
        threshold: Threshold | None = None,
    ) -> None:
        super().__init__()
        self._threshold = threshold
        self._make_runtime, self.folder = runtime_factory, folder
        self._session, self._latest, self._choose = session, latest, choose
        self.clock, self._version = clock, version
        self.settings: Settings | None = None
        self._plain: list[LineFilter] = []
        self._backdrop = Backdrop()
        self._runtime: Runtime | None = None
        self._opened, self._leaving = asyncio.Event(), asyncio.Event()
        self._code = 0
        self.main = MainScreen(self)
        self.hearing = Hearing(self)
        self.use_theme(themes.DEFAULT)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> MainScreen:
        """The one screen that is always there."""
        return self.main

    def refresh_css(self, animate: bool = True) -> None:
        """Apply the theme's colours. Textual asks for it once before there is anything to colour,
        with a style sheet that was just read with them: 10 ms of every start."""
        if self.main.is_mounted:
            super().refresh_css(animate)

    async def on_event(self, event: Event) -> None:
        """Keys come first: what is being written waits until they are painted."""
        if isinstance(event, BackdropTold):
            self._hear_backdrop(event.brightness)
            return
        if self.hearing.ignores(event):
            return
        if isinstance(event, AppFocus | AppBlur):
            self.hearing.bell.look(in_front=isinstance(event, AppFocus))
        if isinstance(event, Key):
            self.main.transcript.feed.give_way()
            if not self.main.asking.has_focus_within:
                self.main.asking.arming.disturb()
        await super().on_event(event)

    def on_mount(self) -> None:
        """Say where we are; open the runtime once that is painted."""
        home = Path.home()
        screen = self.main
        screen.welcome.version = self._version
        screen.welcome.folder = screen.status.folder = folder_name(self.folder, home)
        self._tell_keys()
        if not self.is_headless:
            terminal.on_end(self._told_to_leave)
            if isinstance(self._driver, LinuxDriver):
                terminal.on_stop(self._driver)
            self.send(question(os.environ))
        self.app_resume_signal.subscribe(self, lambda _: self.redraw())
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.start(self._live)

    async def _live(self) -> None:
        """The runtime's life: it is entered and left in this one task."""
        try:
            if self._threshold is not None and not await self._threshold.cross(self.main):
                self.exit(return_code=self._code)
                return
            self._tell_keys()
            async with await self._make_runtime() as runtime:
                self._runtime = runtime
                self._apply(runtime.settings)
                await self._show_first(runtime)
                self._opened.set()
                _collect_garbage()
                self.start(self.main.errands.run)
                daily.begin(self.main)
                self.call_after_refresh(runtime.wake)
                self.main.composer.prompt.recall.load(await runtime.history())
                for warning in runtime.warnings:
                    self.main.say(warning, "warning")
                self.main.do(first.greet(self.main))
                await self._leaving.wait()
        except IonError as error:
            code = 2 if isinstance(error, ConfigError) else 1
            self.exit(return_code=code, message=f"ion: {error}")
            return
        self.exit(return_code=self._code)

    async def _show_first(self, runtime: Runtime) -> None:
        self.library = Library(runtime, self.main.desk)
        await acts.turn_to(self.main, await runtime.begin(self._session, latest=self._latest))
        if self._choose:
            self.main.run_command("session.open")

    def _apply(self, settings: Settings) -> None:
        """Take over what people configured."""
        self.settings = settings
        self.main.chords.keymap = keymap(settings.keymap, [command.id for command in COMMANDS])
        for problem in self.main.keymap.problems:
            self.main.say(problem, "warning")
        self.main.composer.prompt.escapes_twice = settings.input.esc == "double"
        self.main.composer.activity.calm = settings.tui.reduced_motion
        if settings.tui.reduced_motion:
            self.animation_level = "none"
        self._use_ascii(settings.tui.ascii)
        terminal.use_mouse(self._driver, wanted=settings.tui.mouse != "off")
        self.hearing.bell.way = settings.tui.notifications
        try:
            self._backdrop.setting = settings.tui.theme
            self.use_theme(self._backdrop.theme)
        except ConfigError as error:
            self.main.say(str(error), "warning")
        self._tell_keys()

    def _hear_backdrop(self, brightness: float) -> None:
        """Wear what goes with the terminal, unless a person chose something else meanwhile."""
        before, self._backdrop.brightness = self._backdrop.theme, brightness
        if self.theme == before != self._backdrop.theme:
            self.use_theme(self._backdrop.theme)

    def _use_ascii(self, only: bool) -> None:
        """Draw with ASCII alone, or no longer."""
        if only == bool(self._plain):
            return
        # Start-up: few want it, so nobody else imports it.
        from ion_tui.render.plain_letters import PlainLetters

        self._plain = [PlainLetters()] if only else []
        self.refresh_css(animate=False)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every row passes on its way to the terminal."""
        return [*super().get_line_filters(), *self._plain]

    @property
    def branch(self) -> str:
        """The branch of a folder that is trusted; of another one nothing is opened."""
        trusted = self._threshold is None or self._threshold.trusted
        return branch_name(self.folder) if trusted else ""

    def _tell_keys(self) -> None:
        hint = self.main.keymap.hint
        self.main.welcome.branch = self.main.status.branch = self.branch
        self.main.welcome.tip = (
            f"Type a task.  / lists commands, {hint('help.open')} the keys,"
            f" {hint('mode.cycle')} changes the mode."
        )
        self.main.status.hints = f"{hint('palette.open')} commands"

    def start(self, work: Work, *, group: str = "default", exclusive: bool = False) -> None:
        """Run something as a task of the app, which ends with it."""
        # mypy cannot choose among the callables that run_worker takes
        self.run_worker(work, group=group, exclusive=exclusive)  # type: ignore[arg-type]

    async def runtime(self) -> Runtime:
        """The runtime, once it is open."""
        await self._opened.wait()
        assert self._runtime is not None
        return self._runtime

    @property
    def queues_on_enter(self) -> bool:
        """Whether Enter during a turn speaks after it (``input.enter``)."""
        return self.settings is not None and self.settings.input.enter == "queue"

    def changed(self, session: str, events: Sequence[Emitted]) -> Sequence[str]:
        """The sessions that look different in the sidebar since these events of one."""
        return self.library.changed(session, events) if self._runtime else ()

    def refresh_sessions(self, session: str = "") -> None:
        """Fill the sidebar anew, since that session or any changed; the last call of many wins."""
        if self._runtime is not None:
            self.library.forget(session)
            self.start(self._list, group="sessions", exclusive=True)

    async def _list(self) -> None:
        try:
            items = await self.library.items()
            self.main.nest.listed(items)
        except IonError as error:
            if not self._leaving.is_set():  # else the store was closed meanwhile
                self.main.say(str(error), "error")
            return
        self.main.sidebar.sessions.fill(
            items, project=self.library.project, current=self.main.session_id
        )

    async def spoken(self, work: Awaitable[None]) -> None:
        """See work through; an expected failure is a sentence, not the end of the app."""
        try:
            await work
        except IonError as error:
            self.main.say(str(error), "error")

    def theme_names(self) -> list[str]:
        """Every theme that can be used."""
        return themes.names()

    def use_theme(self, name: str) -> None:
        """Use a theme from now on. Raises ``ConfigError`` for one that is missing or wrong."""
        look = themes.load(name)
        self.register_theme(look.theme())
        self.theme = name

    def send(self, sequence: str) -> None:
        """Send a control sequence to the terminal."""
        if self._driver is not None:
            self._driver.write(sequence)

    def redraw(self) -> None:
        """Paint everything again."""
        self.refresh(repaint=True, layout=True)

    def leave(self) -> None:
        """Close the runtime, then the app. Before the runtime is open, close at once."""
        self.main.drafts.flush()
        self._leaving.set()
        if not self._opened.is_set():
            self.exit(return_code=self._code)

    def _told_to_leave(self, number: int) -> None:
        self._code = 128 + number  # what a shell says of a process that a signal ended
        terminal.end_within(LEAVING_S, self._code)
        self.leave()


def _collect_garbage() -> None:
    """Start-up is over: collect again, but not the modules and widgets that are there to stay."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
