"""Tells a session as a story: entries become blocks, and so does the answer being written.

The teller follows one :class:`SessionView`. ``reset`` begins anew, ``update`` adds what happened;
both leave the same story for the same view.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from ion_core.entries import Entry, SystemEvent
from ion_core.events import (
    ApprovalRequested,
    Delta,
    Emitted,
    EntryAppended,
    HeadMoved,
    Notice,
    StepEnded,
    StepStarted,
    ToolEnded,
    TurnEnded,
)
from ion_core.ids import CallId, EntryId
from ion_core.messages import Image, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.underway import Child, Running
from ion_core.view import SessionView
from ion_tui.render.asides import noted
from ion_tui.render.children import told_of
from ion_tui.render.deeds import Deed, Deeds
from ion_tui.render.growth import Growth
from ion_tui.render.sanitize import sanitize
from ion_tui.render.speech import Level, Piece, Remark, Said, Thought, Told
from ion_tui.render.split import split
from ion_tui.render.story import Block, Content, Story

WHOLE = 4_000
"""Characters of the longest answer that is one block; a longer one is a block per chunk."""

_STOPS = {
    "max_tokens": "The answer was cut off at the output limit.",
    "context_overflow": "The answer was cut off: the context window is full.",
    "refusal": "The model declined to go on.",
    "content_filter": "A content filter stopped the answer.",
    "incomplete": "The connection closed before the answer was complete.",
}


class Teller:
    """Keeps ``story`` in step with a view. ``now`` is in seconds since the epoch."""

    def __init__(self, story: Story, now: Callable[[], float]) -> None:
        self.story, self._now = story, now
        self._begin()

    def _begin(self) -> None:
        self._calls: dict[CallId, int] = {}
        self._places: dict[EntryId, int] = {}
        self._entries = self._fixed = self._stable = 0
        self._growths: dict[int, Growth] = {}
        self._closed: set[int] = set()
        self._step_at = self._thought_at = 0.0

    def reset(self, view: SessionView) -> None:
        """Tell the session of ``view`` from its beginning."""
        drawn = _drawn(self.story.cut(0))
        self._begin()
        for entry in view.entries:
            self._tell(entry, drawn)
        self._fix()
        self._run(view)
        while self._grow(view):
            pass

    def update(self, view: SessionView, events: Sequence[Emitted]) -> bool:
        """Add what happened. True when text of a growing answer waits for another call."""
        if any(isinstance(emitted.event, HeadMoved) for emitted in events):
            self.reset(view)
            return False
        for emitted in events:
            self._follow(emitted, view)
        if self._entries != len(view.entries):
            self.reset(view)
            return False
        self._run(view)
        return self._grow(view)

    def position(self, call: CallId) -> int | None:
        """The block that shows a call."""
        return self._calls.get(call)

    def blocks_of(self, entry: EntryId) -> range:
        """The blocks that show an entry, or end where it would be; none when it is not told."""
        if (first := self._places.get(entry)) is None:
            return range(0)
        after = (place for place in self._places.values() if place > first)
        return range(first, max(first + 1, min(after, default=self._fixed)))

    def tick(self, view: SessionView) -> None:
        """Show how long the running calls have run by now."""
        self._run(view)

    def _follow(self, emitted: Emitted, view: SessionView) -> None:
        match emitted.event:
            case EntryAppended(entry=entry):
                drawn = _drawn(self._cut())
                self._tell(entry, drawn)
                self._fix()
            case StepStarted():
                self._step_at, self._thought_at = emitted.at, 0.0
            case Delta(channel=channel) if channel != "reasoning":
                self._thought_at = self._thought_at or emitted.at
            case StepEnded(cache_miss=cause) if cause:
                self._remark(Remark("info", f"Cache missed: {cause}."))
            case ToolEnded(call=call, duration_ms=ms):
                self._change(call, seconds=ms / 1000)
            case Notice(level="warning", text=text) if view.entries:
                self._remark(Remark("warning", text))
            case TurnEnded(reason="max_turns" | "budget", error=error):
                self._remark(Remark("warning", error or "The turn was stopped by a limit."))
            case TurnEnded(reason="error", error=error) if not _told(view):
                self._remark(Remark("error", error))

    def _remark(self, remark: Remark) -> None:
        self._cut()
        self.story.append(remark)
        self._fix()

    def _cut(self) -> list[Block]:
        self._growths, self._closed, self._stable = {}, set(), self._fixed
        return self.story.cut(self._fixed)

    def _fix(self) -> None:
        self._fixed = self._stable = len(self.story)

    def _tell(self, entry: Entry, drawn: dict[Content, Block]) -> None:
        self._entries += 1
        begin = len(self.story)
        self._put(entry, drawn)
        results = entry.body.results if isinstance(entry.body, Message) else ()
        told = [self._calls[result.call] for result in results]
        self._places[entry.id] = min([begin, max(0, len(self.story) - 1), *told])

    def _put(self, entry: Entry, drawn: dict[Content, Block]) -> None:
        match entry.body:
            case Message(role="user"):
                self.story.append(Said(_said(entry.body)), drawn)
            case Message(role="assistant"):
                self._answer(entry.body, drawn)
            case Message():
                for result in entry.body.results:
                    self._result(result)
            case SystemEvent(what=what, text=text):
                level: Level = "error" if what == "error" else "warning"
                self.story.append(Remark(level, text or what.capitalize()), drawn)
            case note:
                self.story.append(noted(note), drawn)

    def _answer(self, message: Message, drawn: dict[Content, Block]) -> None:
        seconds = self._thinking(message)
        for part in message.parts:
            for content in _contents(part, seconds):
                self.story.append(content, drawn)
            if isinstance(part, ToolCall):
                self._call(Deed(call=part.id, name=part.name, arguments=part.arguments))
        if message.stop in _STOPS:
            self.story.append(Remark("warning", _STOPS[message.stop]))

    def _thinking(self, message: Message) -> float | None:
        if not self._thought_at or not any(isinstance(part, Reasoning) for part in message.parts):
            return None
        seconds, self._thought_at = self._thought_at - self._step_at, 0.0
        return seconds

    def _call(self, deed: Deed) -> None:
        """Quiet calls that follow one another share a block."""
        last = self.story.blocks[-1].content if len(self.story) else None
        if deed.quiet and isinstance(last, Deeds) and all(other.quiet for other in last.deeds):
            position = len(self.story) - 1
            self.story.put(position, Deeds((*last.deeds, deed)))
        else:
            position = self.story.append(Deeds((deed,)))
        self._calls[deed.call] = position

    def _result(self, result: ToolResult) -> None:
        if result.call not in self._calls:
            self._call(Deed(call=result.call, name=result.name, arguments={}))
        display = result.display
        ms = display.duration_ms if display else None
        self._change(
            result.call,
            state=result.status,
            display=display,
            output=result.content,
            **({} if ms is None else {"seconds": ms / 1000}),
        )

    def _change(self, call: CallId, **changes: object) -> None:
        position = self._calls.get(call)
        if position is None:
            return
        content = self.story.blocks[position].content
        assert isinstance(content, Deeds)
        deeds = [replace(d, **changes) if d.call == call else d for d in content.deeds]  # type: ignore[arg-type]  # fields of Deed
        self.story.put(position, Deeds(tuple(deeds)))

    def _run(self, view: SessionView) -> None:
        for asked in view.asking.values():
            if isinstance(asked, ApprovalRequested):
                self._change(asked.call, asked=True)
        children = {child.begun.call: child for child in view.children.values()}
        for running in view.running.values():
            self._show_running(running, children.get(running.call))

    def _settled(self, call: CallId) -> bool:
        """Whether the result is there: it is told a moment before the call has ended."""
        position = self._calls.get(call)
        content = self.story.blocks[position].content if position is not None else None
        deeds = content.deeds if isinstance(content, Deeds) else ()
        return any(d.call == call and d.state not in ("waiting", "running") for d in deeds)

    def _show_running(self, running: Running, child: Child | None) -> None:
        if self._settled(running.call):
            return
        seconds = self._now() - running.at
        self._change(
            running.call,
            state="running",
            target=running.target,
            output=told_of(child) if child is not None else running.output,
            seconds=float(int(seconds)) if seconds >= 1 else None,
        )

    def _grow(self, view: SessionView) -> bool:
        """Show the answer as far as it is written. True when there is more to read."""
        self.story.cut(self._stable)
        if any(index not in view.draft for index in self._growths) or self._shrank(view):
            self._cut()
        more = False
        order = sorted(view.draft)
        for index in order:
            if index not in self._closed:
                more = self._grow_part(view, index, last=index == order[-1])
        if retry := view.retrying:
            text = f"{retry.reason} Trying again in {max(0, math.ceil(retry.delay_s))}s"
            told = f"{text} ({retry.attempt} of {retry.attempts})."
            self.story.append(Remark("warning", told))
        return more

    def _shrank(self, view: SessionView) -> bool:
        return any(
            len(view.draft[index].text) < growth.read
            or (index in self._closed and len(view.draft[index].text) > growth.read)
            for index, growth in self._growths.items()
        )

    def _grow_part(self, view: SessionView, index: int, *, last: bool) -> bool:
        part = view.draft[index]
        growth = self._growths.setdefault(index, Growth(part.channel, part.tool))
        seconds = self._thought_at - self._step_at if self._thought_at else None
        final = growth.take(part.text) if last else growth.close(part.text, seconds)
        for content in final:
            self.story.append(content)
        self._stable = len(self.story)
        if not last:
            self._closed.add(index)
            return False
        for content in growth.tail(seconds):
            self.story.append(content)
        return growth.read < len(part.text)


def _drawn(blocks: Sequence[Block]) -> dict[Content, Block]:
    return {block.content: block for block in blocks if block.rows is not None}


def _told(view: SessionView) -> bool:
    """Whether the session itself remembers why its turn ended."""
    return bool(view.entries) and isinstance(view.entries[-1].body, SystemEvent)


def _said(message: Message) -> str:
    pictures = [part for part in message.parts if isinstance(part, Image)]
    shown = [f"[Image #{n} {p.media_type}]" for n, p in enumerate(pictures, 1)]
    return "\n".join([text for text in (message.text,) if text] + shown)


def _contents(part: Part, seconds: float | None) -> list[Content]:
    match part:
        case Text(text=text) if len(text) > WHOLE:
            return [Piece(chunk) for chunk in split(sanitize(text))]
        case Text(text=text) if text.strip():
            return [Told(text)]
        case Reasoning(text=text) if text.strip():
            return [Thought(text, seconds)]
        case _:
            return []
