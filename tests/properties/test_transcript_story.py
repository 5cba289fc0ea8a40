"""Opening a session, or following it from its beginning, shows the same rows."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ion_core.entries import Entry, SystemEvent
from ion_core.events import (
    Delta,
    Emitted,
    EntryAppended,
    Event,
    StepStarted,
    ToolEnded,
    ToolStarted,
)
from ion_core.ids import CallId, SessionId, entry_id
from ion_core.messages import Display, Message, Text, ToolCall, ToolResult, answered, user
from ion_core.view import SessionView
from ion_tui import themes
from ion_tui.render.inks import inks
from ion_tui.render.rows import Page
from ion_tui.render.story import Story
from ion_tui.render.teller import Teller

PAGE = Page(60, inks(themes.load()))
DIFF = "@@ -1 +1 @@\n-a\n+b\n"
texts = st.sampled_from(
    ["short", "# H\n\n- a\n- b\n\n```\nx\n```\n", "para\n\n" * 700, "| a |\n|---|\n| 1 |"]
)
steps = st.lists(
    st.tuples(
        st.sampled_from(["user", "answer", "read", "edit", "bash", "system"]),
        texts,
        st.sampled_from(["ok", "error", "denied", "cancelled"]),
    ),
    max_size=8,
)


class Feed:
    """A view that is fed, and a teller that follows it."""

    def __init__(self) -> None:
        self.view = SessionView(session=SessionId("s"))
        self.teller = Teller(Story(PAGE), lambda: 0.0)
        self.rows = 0

    def emit(self, *events: Event) -> None:
        batch = []
        for event in events:
            sent = Emitted(session=self.view.session, seq=self.view.seq + 1, at=0.0, event=event)
            self.view.apply(sent)
            batch.append(sent)
        while self.teller.update(self.view, batch):
            batch = []

    def append(self, body: Message | SystemEvent) -> EntryAppended:
        self.rows += 1
        return EntryAppended(entry=Entry(id=entry_id(self.rows), parent=None, at=0.0, body=body))

    def step(self, kind: str, text: str, status: str) -> None:
        if kind == "user":
            self.emit(self.append(user(text)))
        elif kind == "system":
            self.emit(self.append(SystemEvent(what="interrupted", text="Interrupted.")))
        elif kind == "answer":
            self.emit(StepStarted(step=1, model="m"))
            for at in range(0, len(text), 997):
                self.emit(Delta(part=0, channel="text", text=text[at : at + 997]))
            self.emit(self.append(Message(role="assistant", parts=(Text(text=text),))))
        else:
            self.call(kind, text, status)

    def call(self, name: str, text: str, status: str) -> None:
        call = CallId(f"c{self.rows}")
        part = ToolCall(id=call, name=name, arguments={"path": "a.py"})
        shown = Display(target="a.py", output=text[:50], diff=DIFF if name == "edit" else "")
        result = ToolResult(call=call, name=name, status=status, content=text, display=shown)  # type: ignore[arg-type]  # sampled from Status
        self.emit(self.append(Message(role="assistant", parts=(part,))))
        self.emit(ToolStarted(call=call, name=name, arguments={}, target="a.py"))
        self.emit(self.append(answered(result)))
        self.emit(ToolEnded(call=call, name=name, status=result.status, duration_ms=0, content=""))


def lines(story: Story) -> list[str]:
    return [row.strip.text for position in range(len(story)) for row in story.draw(position)]


@given(steps)
@settings(max_examples=25, deadline=None)
def test_following_a_session_shows_what_opening_it_shows(taken: list[tuple[str, str, str]]) -> None:
    feed = Feed()
    for kind, text, status in taken:
        feed.step(kind, text, status)
        lines(feed.teller.story)
    opened = Teller(Story(PAGE), lambda: 0.0)
    opened.reset(feed.view)
    assert lines(feed.teller.story) == lines(opened.story)
    assert feed.teller.story.heights.total == opened.story.heights.total
