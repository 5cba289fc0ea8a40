"""The transcript as a person meets it: what it shows, and when it moves."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from ion_core.bus import Bus, Subscription
from ion_core.entries import Body, BranchSummary, Entry, ModeChange, SystemEvent
from ion_core.events import (
    Delta,
    EntryAppended,
    Event,
    HeadMoved,
    Notice,
    StepRetrying,
    StepStarted,
    ToolEnded,
    ToolProgress,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from ion_core.ids import CallId, SessionId, entry_id
from ion_core.messages import (
    Display,
    Message,
    Part,
    Reasoning,
    Status,
    Text,
    ToolCall,
    ToolResult,
    answered,
    user,
)
from ion_core.view import SessionView
from ion_tui import themes
from ion_tui.widgets.transcript import Transcript

DIFF = "--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,2 @@\n keep = 1\n-old = 2\n+new = 2\n"


class Screen(App[None]):
    """A transcript alone, and the session it follows."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.at = 100.0
        self.told: list[int] = []
        self._rows = 0

    def compose(self) -> ComposeResult:
        yield Transcript(clock=lambda: self.at)

    def on_mount(self) -> None:
        for name in themes.names():
            self.register_theme(themes.load(name).theme())
        self.theme = "ion-dark"

    def on_transcript_follow_changed(self, message: Transcript.FollowChanged) -> None:
        self.told.append(message.new_lines)

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def entry(self, body: Body) -> Entry:
        self._rows += 1
        return Entry(id=entry_id(self._rows), parent=None, at=self.at, body=body)

    def open(self, *bodies: Body) -> SessionView:
        view = SessionView(session=SessionId("s"))
        view.entries += [self.entry(body) for body in bodies]
        self.transcript.reset(view)
        return view

    def lines(self) -> list[str]:
        height = self.transcript.size.height
        return [self.transcript.render_line(y).text.rstrip() for y in range(height)]

    def shown(self) -> str:
        return "\n".join(self.lines())


class Wire:
    """A bus and the view of a reader: what the bridge does, by hand."""

    def __init__(self, app: Screen, view: SessionView) -> None:
        self.app, self.bus = app, Bus(view, clock=lambda: app.at)
        self.view, self.subscription = self._subscribe()

    def _subscribe(self) -> tuple[SessionView, Subscription]:
        return self.bus.subscribe()

    async def emit(self, *events: Event) -> None:
        for event in events:
            await self.bus.emit(event)
        batch = self.subscription.take()
        for emitted in batch:
            self.view.apply(emitted)
        self.app.transcript.update(self.view, batch)
        for _ in range(20):
            await self.pause()

    async def pause(self) -> None:
        import asyncio

        await asyncio.sleep(0.005)


def answer(*parts: Part) -> Message:
    return Message(role="assistant", parts=parts)


def call(name: str, id: str, **arguments: str) -> ToolCall:
    return ToolCall(id=CallId(id), name=name, arguments=arguments)


def result(name: str, id: str, status: Status = "ok", **display: object) -> Message:
    shown = Display(**display)  # type: ignore[arg-type]  # fields of Display
    return answered(
        ToolResult(call=CallId(id), name=name, status=status, content="text", display=shown)
    )


def numbered(count: int) -> str:
    return "\n\n".join(f"Paragraph {n}." for n in range(count))


@pytest.fixture
async def pilot() -> Pilot[None]:  # type: ignore[misc]  # an async generator fixture
    app = Screen()
    async with app.run_test(size=(80, 24)) as running:
        await running.pause()
        yield running  # type: ignore[misc]  # see above


def screen(pilot: Pilot[None]) -> Screen:
    assert isinstance(pilot.app, Screen)
    return pilot.app


async def test_a_message_an_answer_and_its_markdown_are_typeset(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    app.open(user("Why?"), answer(Text(text="## Because\n\n- `one`\n- **two**\n\n> wise")))
    assert app.lines()[1:9] == [
        "❯ Why?", "", "  Because", "  • one", "  • two", "", "  ▎ wise", "",
    ]  # fmt: skip


async def test_reads_share_a_line_and_a_change_shows_its_diff(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    app.open(
        answer(call("read", "1", path="a.py"), call("read", "2", path="b.py")),
        result("read", "1", target="a.py"),
        result("read", "2", target="b.py"),
        answer(call("edit", "3", path="app.py")),
        result("edit", "3", target="app.py", diff=DIFF),
    )
    shown = app.shown()
    assert "● Read 2 files   a.py, b.py" in shown
    assert "● Edited app.py   +1 −1" in shown
    assert "    2 - old = 2" in shown
    assert "    2 + new = 2" in shown


async def test_a_failure_says_so_and_keeps_the_end_of_its_output(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    output = "\n".join(f"line {n}" for n in range(30)) + "\nTypeError: no"
    app.open(
        answer(call("bash", "1", command="pytest -q")),
        result("bash", "1", "error", target="pytest -q", output=output, exit_code=1,
               duration_ms=4200),
    )  # fmt: skip
    shown = app.shown()
    assert "✗ Ran pytest -q   exit 1 · 4.2s" in shown
    assert "… 23 lines above · ctrl+o" in shown
    assert "TypeError: no" in shown
    assert "line 10" not in shown
    app.transcript.toggle_details()
    app.transcript.home()
    assert "line 10" in app.shown()


async def test_a_successful_command_is_one_line_with_its_gist(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    app.open(
        answer(call("bash", "1", command="pytest")),
        result("bash", "1", target="pytest", output="....\n4 passed", exit_code=0, duration_ms=120),
    )
    assert app.lines()[1] == "● Ran pytest   4 passed · 2 lines · 0.1s"


async def test_a_refused_call_says_what_was_not_done(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    app.open(
        answer(call("write", "1", path="x.md")),
        answered(ToolResult(call=CallId("1"), name="write", status="denied", content="READ mode.")),
    )
    assert app.lines()[1:3] == ["✗ Did not write x.md   refused", "  ▎ READ mode."]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("cancelled", "✗ Stopped running make   stopped"),
        ("indeterminate", "✗ Perhaps ran make   ion was closed meanwhile"),
        ("error", "✗ Could not run make   failed"),
    ],
)
async def test_a_call_without_an_end_does_not_claim_one(
    pilot: Pilot[None], status: Status, said: str
) -> None:
    app = screen(pilot)
    app.open(answer(call("bash", "1", command="make")), result("bash", "1", status, target="make"))
    assert app.lines()[1] == said


async def test_hostile_text_is_shown_without_its_controls(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    evil = "a\x1b]52;c;eA==\x07b\x1b[2J\u202e"
    app.open(user(evil), answer(Reasoning(text=evil), Text(text=evil)),
             answer(call("bash", "1", command=evil)),
             result("bash", "1", "error", target=evil, output=evil, exit_code=1),
             SystemEvent(what="error", text=evil))  # fmt: skip
    shown = app.shown()
    assert shown.count("ab⟨U+202E⟩") == 6
    assert "\x1b" not in shown
    assert "52;c" not in shown


async def test_a_streamed_answer_grows_and_ends_as_the_entry(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    wire = Wire(app, app.open(user("go")))
    text = "Intro.\n\n```python\nx = 1\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\nEnd."
    await wire.emit(TurnStarted(), StepStarted(step=1, model="m"))
    for at in range(0, len(text), 5):
        await wire.emit(Delta(part=0, channel="text", text=text[at : at + 5]))
    growing = app.shown()
    await wire.emit(EntryAppended(entry=app.entry(answer(Text(text=text)))))
    assert app.shown() == growing
    app.transcript.reset(wire.view)
    assert app.shown() == growing
    assert "    x = 1" in growing


async def test_thinking_is_one_line_that_knows_how_long_it_took(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    wire = Wire(app, app.open(user("go")))
    await wire.emit(TurnStarted(), StepStarted(step=1, model="m"))
    await wire.emit(Delta(part=0, channel="reasoning", text="First this.\nThen that."))
    assert "✻ Thinking · Then that." in app.shown()
    app.at += 12
    await wire.emit(Delta(part=1, channel="text", text="Done."))
    parts = (Reasoning(text="First this.\nThen that."), Text(text="Done."))
    await wire.emit(EntryAppended(entry=app.entry(answer(*parts))))
    assert "✻ Thought 12s · First this." in app.shown()


async def test_a_running_call_counts_its_seconds_and_shows_its_output(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    wire = Wire(app, app.open(user("go"), answer(call("bash", "1", command="make"))))
    started = ToolStarted(call=CallId("1"), name="bash", arguments={}, target="make")
    await wire.emit(started, ToolProgress(call=CallId("1"), text="compiling\n"))
    assert "○ Running make" in app.shown()
    assert "    compiling" in app.shown()
    app.at += 7
    await wire.emit(ToolProgress(call=CallId("1"), text="linking\n"))
    assert "○ Running make   7s" in app.shown()
    done = result("bash", "1", target="make", output="ok", exit_code=0, duration_ms=7000)
    await wire.emit(
        EntryAppended(entry=app.entry(done)),
        ToolEnded(call=CallId("1"), name="bash", status="ok", duration_ms=7000, content="ok"),
    )
    assert "● Ran make   ok · 7s" in app.shown()


async def test_a_retry_counts_down_and_leaves_nothing_behind(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    wire = Wire(app, app.open(user("go")))
    await wire.emit(TurnStarted(), StepStarted(step=1, model="m"),
                    Delta(part=0, channel="text", text="half an answ"))  # fmt: skip
    await wire.emit(StepRetrying(attempt=2, attempts=5, delay_s=3, reason="The server is busy."))
    assert "The server is busy. Trying again in 3s (2 of 5)." in app.shown()
    assert "half" not in app.shown()
    await wire.emit(Delta(part=0, channel="text", text="whole"))
    assert "Trying" not in app.shown()


async def test_an_error_that_ends_a_turn_is_said_once(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    wire = Wire(app, app.open(user("go")))
    sentence = "No key is set for work."
    await wire.emit(TurnEnded(reason="error", error=sentence))
    assert app.shown().count(sentence) == 1
    told = app.entry(SystemEvent(what="error", text=sentence))
    await wire.emit(TurnStarted(), EntryAppended(entry=told),
                    TurnEnded(reason="error", error=sentence))  # fmt: skip
    assert app.shown().count(sentence) == 2


async def test_a_limit_and_a_model_that_takes_over_stay_to_be_read(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    wire = Wire(app, app.open(user("go")))
    await wire.emit(TurnStarted(), Notice(level="warning", text="other/model takes over."),
                    TurnEnded(reason="max_turns", error="Stopped at the turn limit."))  # fmt: skip
    assert "other/model takes over." in app.shown()
    assert "Stopped at the turn limit." in app.shown()


async def test_another_branch_replaces_what_does_not_belong_to_it(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    view = app.open(user("one"), answer(Text(text="first")))
    wire = Wire(app, view)
    other = app.entry(answer(Text(text="second")))
    await wire.emit(HeadMoved(kept=view.entries[0].id, entries=(other,)))
    assert "second" in app.shown()
    assert "first" not in app.shown()


async def test_streaming_does_not_move_what_a_person_reads(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    wire = Wire(app, app.open(user("go"), answer(Text(text=numbered(60)))))
    app.transcript.page_up()
    app.transcript.page_up()
    before = app.lines()
    await wire.emit(TurnStarted(), StepStarted(step=1, model="m"))
    await wire.emit(Delta(part=0, channel="text", text=numbered(40)))
    assert app.lines() == before
    assert not app.transcript.following
    assert app.told[-1] >= 40
    app.transcript.end()
    await pilot.pause()
    assert app.transcript.following
    assert app.told[-1] == 0
    assert "Paragraph 39." in app.shown()


@pytest.mark.parametrize("back", [2, 9])
async def test_pages_join_without_a_gap_over_blocks_never_seen_before(
    pilot: Pilot[None], back: int
) -> None:
    app = screen(pilot)
    long = "A paragraph that is long enough to be wrapped at least once, " * 3
    app.open(*(answer(Text(text=f"{n} {long}\n\n```\ncode {n}\n```")) for n in range(80)))
    for _ in range(back):
        last = app.lines()
        app.transcript.page_up()
        assert app.lines()[-2:] == last[:2]
    for _ in range(back):
        last = app.lines()
        app.transcript.page_down()
        if not app.transcript.following:
            assert app.lines()[:2] == last[-2:]
    assert app.transcript.following


async def test_the_wheel_scrolls_and_the_end_is_followed_again(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    app.open(user("go"), answer(Text(text=numbered(60))))
    last = app.lines()
    transcript = app.transcript
    transcript.post_message(events.MouseScrollUp(transcript, 1, 1, 0, -1, 0, False, False, False))
    await pilot.pause()
    assert app.lines()[2:] == last[:-2]
    assert not transcript.following
    transcript.post_message(events.MouseScrollDown(transcript, 1, 1, 0, 1, 0, False, False, False))
    await pilot.pause()
    assert app.lines() == last
    assert transcript.following


async def test_dragging_the_scrollbar_lands_where_it_points(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    app.open(*(user(f"message {n}") for n in range(2_000)))
    app.transcript.scroll_to(y=2_000, animate=False)
    await pilot.pause()
    assert "message 1000" in app.lines()[1]


async def test_a_new_width_keeps_the_first_visible_message(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    long = "words " * 60
    app.open(*(answer(Text(text=f"Number {n}. {long}")) for n in range(60)))
    for _ in range(6):
        app.transcript.page_up()
    seen = next(line for line in app.lines() if "Number" in line).split()[1]
    await pilot.resize_terminal(140, 24)
    await pilot.resize_terminal(80, 24)
    await pilot.pause()
    assert f"Number {seen}" in app.shown()


async def test_opening_details_does_not_leave_the_place(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    work: list[Body] = []
    for n in range(30):
        work += [answer(Text(text=f"Step {n}."), call("bash", f"c{n}", command="ls")),
                 result("bash", f"c{n}", target="ls", output="a\nb\nc", exit_code=0)]  # fmt: skip
    app.open(*work)
    app.transcript.page_up()
    app.transcript.page_up()
    first = next(line for line in app.lines() if "Step" in line)
    app.transcript.toggle_details()
    assert first in app.lines()[:6]


async def test_what_was_there_before_is_never_counted_as_new(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    work: list[Body] = []
    for n in range(30):
        long = "Words that wrap more than once, " * 9
        work += [answer(Text(text=long), call("bash", f"c{n}", command="ls")),
                 result("bash", f"c{n}", target="ls", output="a\nb\nc", exit_code=0)]  # fmt: skip
    wire = Wire(app, app.open(*work))
    for _ in range(6):
        app.transcript.page_up()
    app.transcript.toggle_details()
    await pilot.resize_terminal(60, 24)
    await pilot.pause()
    assert app.told == []
    await wire.emit(TurnStarted(), StepStarted(step=1, model="m"))
    await wire.emit(Delta(part=0, channel="text", text="One.\n\nTwo.\n\n"))
    assert app.told[-1] in range(1, 7)


async def test_a_mode_change_and_an_interruption_are_one_dim_line_each(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    app.open(ModeChange(mode="read"), SystemEvent(what="interrupted", text="Interrupted."))
    assert app.lines()[1:4] == ["· Mode: READ", "", "· Interrupted."]
    app.open(BranchSummary(text="It was not the parser.", from_tip=None))
    said = "A branch was left, and summed up: It was not the parser."
    assert app.lines()[1] == f"· {said}"


async def test_selected_text_has_no_gutters_and_no_wraps(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    prose = "One long sentence that surely needs a second row on a page of eighty cells, yes."
    app.open(user("ask"), answer(Text(text=f"{prose}\n\n```\n  code\n```")))
    await pilot.mouse_down(Transcript, offset=(2, 3))
    await pilot.hover(Transcript, offset=(30, 6))
    await pilot.mouse_up(Transcript, offset=(30, 6))
    assert app.screen.get_selected_text() == f"{prose}\n\n  code"


async def test_a_click_on_a_call_opens_it_and_another_folds_it(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    output = "first\nsecond\nlast"
    app.open(answer(call("bash", "1", command="ls")),
             result("bash", "1", target="ls", output=output, exit_code=0))  # fmt: skip
    await pilot.click(Transcript, offset=(4, 1))
    assert app.lines()[2:5] == ["    first", "    second", "    last"]
    await pilot.click(Transcript, offset=(4, 1))
    assert "second" not in app.shown()


async def test_a_theme_change_recolours_everything(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    app.open(user("ask"))
    app.theme = "ion-light"
    await pilot.pause()
    style = app.transcript.render_line(1)._segments[1].style
    assert style is not None
    assert style.bgcolor is not None
    assert style.bgcolor.name == themes.load("ion-light").roles.user_bg


async def test_a_call_can_be_revealed(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    app.open(answer(call("bash", "1", command="first")), answer(Text(text=numbered(60))))
    assert app.transcript.reveal(CallId("1"))
    assert "first" in app.shown()
    assert not app.transcript.reveal(CallId("2"))


async def test_many_messages_mount_no_more_widgets(pilot: Pilot[None]) -> None:
    app = screen(pilot)
    before = len(list(app.walk_children()))
    app.open(*(user(f"message {n}") for n in range(5_000)))
    await pilot.pause()
    assert len(list(app.walk_children())) == before
    drawn = [block for block in app.transcript.story.blocks if block.rows is not None]
    assert len(drawn) < 60
