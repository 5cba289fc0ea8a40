"""What the transcript costs: ``python -m tests.bench.transcript_bench``.

Prints times in milliseconds and memory in megabytes of this machine: opening 10,000 messages, a key
painted while idle and while 1,000 tokens a second arrive, and a long Markdown answer at full speed.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

os.environ.setdefault("TEXTUAL_FPS", "120")

from rich.console import RenderableType
from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from ion_core.bus import Bus
from ion_core.entries import Entry
from ion_core.events import Delta, EntryAppended, StepStarted, TurnStarted
from ion_core.ids import CallId, SessionId, entry_id
from ion_core.messages import Display, Message, Text, ToolCall, ToolResult, answered, user
from ion_core.view import SessionView
from ion_tui import themes
from ion_tui.widgets.transcript import Transcript

ANSWER = """## Step {n}

The parser reads **one token** at a time, so `parse()` never sees more than it needs; see the notes.

1. Read the header, which is short
2. Yield each row as it arrives
   - rows may span lines

```python
def parse(lines):
    \"\"\"Yield rows.\"\"\"
    for number, line in enumerate(lines):
        yield number, line.split(",")
```

| Strategy | Worst wait | Requests |
|---|--:|--:|
| fixed {n} s | 3 s | 1000 |
| exponential | 7 s | 140 |

> Jitter matters more than the exponent when many clients share one server.

"""
DIFF = "@@ -1,3 +1,3 @@\n a = 1\n-b = 2\n+b = 3\n c = 4\n"


def rss() -> float:
    """Megabytes of this process now."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def session(messages: int) -> SessionView:
    """A session of that many messages: questions, answers, calls and results."""
    view = SessionView(session=SessionId("bench"))
    for n in range(1, messages + 1):
        call = CallId(f"c{n - n % 4}")
        body = (
            answered(_result(call))
            if n % 4 == 1 and n > 4
            else user(f"Question {n}: what does this module do, and why?")
            if n % 4 == 2
            else Message(role="assistant", parts=(Text(text=ANSWER.format(n=n)),))
            if n % 4 == 3
            else Message(
                role="assistant", parts=(ToolCall(id=CallId(f"c{n}"), name="edit", arguments={}),)
            )
        )
        view.entries.append(Entry(id=entry_id(n), parent=None, at=float(n), body=body))
    return view


def _result(call: CallId) -> ToolResult:
    shown = Display(target="app.py", diff=DIFF, duration_ms=8)
    return ToolResult(call=call, name="edit", status="ok", content="ok", display=shown)


class Bench(App[None]):
    """A transcript above an input, as in the product."""

    ENABLE_COMMAND_PALETTE = False
    frames = 0

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Without a terminal Textual leaves this step out; here its cost counts."""
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(self.console)
        self.frames += 1

    def compose(self) -> ComposeResult:
        yield Transcript()
        yield Input()

    def on_mount(self) -> None:
        self.register_theme(themes.load().theme())
        self.theme = "ion-dark"
        self.query_one(Input).focus()


def line(name: str, **numbers: float) -> None:
    shown = "   ".join(f"{key} {value:,.1f}" for key, value in numbers.items())
    print(f"{name:<44}{shown}", flush=True)


def spread(times: list[float]) -> dict[str, float]:
    """The median and the 95th percentile of seconds, in milliseconds."""
    ordered = sorted(times)
    return {
        "p50": ordered[len(ordered) // 2] * 1e3,
        "p95": ordered[int(len(ordered) * 0.95)] * 1e3,
        "max": ordered[-1] * 1e3,
    }


async def keys(app: Bench, count: int, gap: float) -> list[float]:
    """Seconds from a key to the input that shows it, painted."""
    field = app.query_one(Input)
    times = []
    for number in range(count):
        key = "abcdefghij"[number % 10]
        start = time.perf_counter()
        app.post_message(events.Key(key, key))
        length = len(field.value)
        while len(field.value) == length:  # noqa: ASYNC110  # the bench measures from outside
            await asyncio.sleep(0)
        frame = app.frames
        while app.frames == frame:  # noqa: ASYNC110  # the same
            await asyncio.sleep(0)
        times.append(time.perf_counter() - start)
        if len(field.value) > 40:
            field.value = ""
        await asyncio.sleep(gap)
    return times


async def stream(
    view: SessionView, transcript: Transcript, text: str, per_second: int
) -> list[float]:
    """Feed ``text`` at that many tokens (4 characters) a second; seconds of every update."""
    bus = Bus(view)
    mirror, subscription = bus.subscribe()
    await bus.emit(TurnStarted())
    await bus.emit(StepStarted(step=1, model="mock/m"))
    times: list[float] = []
    started, sent = time.perf_counter(), 0
    while sent < len(text):
        goal = int((time.perf_counter() - started) * per_second) * 4 if per_second else len(text)
        while sent < min(goal, len(text)):
            await bus.emit(Delta(part=0, channel="text", text=text[sent : sent + 4]))
            sent += 4
            if sent % 1024 == 0:
                await asyncio.sleep(0)
        times.append(await _drain(mirror, subscription, transcript))
        await asyncio.sleep(1 / 60)
    body = Message(role="assistant", parts=(Text(text=text),))
    entry = Entry(id=entry_id(999_999), parent=None, at=0.0, body=body)
    await bus.emit(EntryAppended(entry=entry))
    times.append(await _drain(mirror, subscription, transcript))
    return times


async def _drain(view: SessionView, subscription: object, transcript: Transcript) -> float:
    events = subscription.take()  # type: ignore[attr-defined]  # a Subscription
    for emitted in events:
        view.apply(emitted)
    start = time.perf_counter()
    transcript.update(view, events)
    return time.perf_counter() - start


async def bench() -> None:
    app = Bench()
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        transcript = app.query_one(Transcript)
        base = rss()
        view = session(10_000)
        loaded = rss()
        start, cpu = time.perf_counter(), time.process_time()
        transcript.reset(view)
        told, cpu = time.perf_counter(), time.process_time() - cpu
        await pilot.pause()
        line(
            "open 10,000 messages",
            told=(told - start) * 1e3,
            cpu=cpu * 1e3,
            painted=(time.perf_counter() - start) * 1e3,
        )
        line("memory", before=base, with_entries=loaded, opened=rss())
        line("key to paint, idle", **spread(await keys(app, 60, 0.02)))

        text = "".join(ANSWER.format(n=n) for n in range(60))[: 4 * 6_000]
        typed = asyncio.create_task(keys(app, 100, 0.03))
        updates = await stream(view, transcript, text, 1_000)
        line("update during 1,000 tokens/s", **spread(updates))
        line("key to paint, 1,000 tokens/s", **spread(await typed))

        times = []
        for move in [transcript.page_up] * 40 + [transcript.page_down] * 20:
            start = time.perf_counter()
            move()
            times.append(time.perf_counter() - start)
            await pilot.pause()
        line("page up and down", **spread(times))
        start = time.perf_counter()
        transcript.home()
        transcript.end()
        line("home and end", both=(time.perf_counter() - start) * 1e3)
        start = time.perf_counter()
        transcript.toggle_details()
        line("details of 10,000 messages", toggled=(time.perf_counter() - start) * 1e3)
        transcript.toggle_details()
        start = time.perf_counter()
        await pilot.resize_terminal(120, 40)
        line("resize with 10,000 messages", resized=(time.perf_counter() - start) * 1e3)
        await pilot.resize_terminal(200, 50)

        text = "".join(ANSWER.format(n=n) for n in range(250))
        empty = SessionView(session=SessionId("long"))
        transcript.reset(empty)
        before, cpu = rss(), time.process_time()
        start = time.perf_counter()
        typed = asyncio.create_task(keys(app, 10, 0.01))
        await stream(empty, transcript, text, 0)
        settled = time.perf_counter() - start
        await pilot.pause()
        line(
            f"{text.count(chr(10)):,} lines of Markdown at full speed",
            settled_ms=settled * 1e3,
            cpu_ms=(time.process_time() - cpu) * 1e3,
            memory=rss() - before,
        )
        line("key to paint meanwhile", **spread(await typed))


if __name__ == "__main__":
    asyncio.run(bench())
