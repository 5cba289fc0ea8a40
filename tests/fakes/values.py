"""Hypothesis strategies for every value that is stored or emitted."""

from __future__ import annotations

from hypothesis import strategies as st

from ion_core.entries import BranchSummary, Entry, ModeChange, ModelChange, SystemEvent
from ion_core.events import (
    Delta,
    EntryAppended,
    HeadMoved,
    Notice,
    QueueChanged,
    Queued,
    SessionChanged,
    StepEnded,
    StepRetrying,
    StepStarted,
    ToolEnded,
    ToolProgress,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from ion_core.ids import CallId, entry_id
from ion_core.messages import (
    Display,
    Image,
    Message,
    Origin,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from ion_core.usage import Usage

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ints = st.integers(0, 2**40)
times = st.floats(0, 2e9, allow_nan=False)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
objects = st.dictionaries(words, json, max_size=3)
calls = st.sampled_from([CallId(c) for c in ("c1", "c2", "c3")])
modes = st.sampled_from(["read", "plan", "write"])
entry_ids = st.integers(1, 2**30).map(entry_id)

usages = st.builds(
    Usage,
    input=ints,
    output=ints,
    cache_read=ints,
    cache_write=ints,
    reasoning=st.none() | ints,
)
displays = st.builds(
    Display, target=words, summary=words, diff=words, exit_code=st.none() | st.integers(-9, 255)
)
texts = st.builds(Text, text=words)
reasonings = st.builds(
    Reasoning, text=words, signature=st.none() | words, opaque=st.none() | objects
)
tool_calls = st.builds(
    ToolCall, id=calls, name=words, arguments=objects, malformed=st.none() | words
)
results = st.builds(
    ToolResult,
    call=calls,
    name=words,
    status=st.sampled_from(["ok", "error", "denied", "cancelled", "indeterminate"]),
    content=words,
    images=st.lists(st.builds(Image, media_type=words, sha256=words), max_size=1).map(tuple),
    display=st.none() | displays,
)
origins = st.builds(Origin, protocol=words, provider=words, base_url=words, model=words)
messages = st.builds(
    Message,
    role=st.sampled_from(["user", "assistant", "tool"]),
    parts=st.lists(texts | reasonings | tool_calls | results, max_size=3).map(tuple),
    origin=st.none() | origins,
    stop=st.none() | st.sampled_from(["end_turn", "tool_use", "interrupted"]),
    usage=st.none() | usages,
)
bodies = (
    messages
    | st.builds(ModelChange, model=words)
    | st.builds(ModeChange, mode=modes)
    | st.builds(
        SystemEvent, what=st.sampled_from(["interrupted", "error", "recovered"]), text=words
    )
    | st.builds(BranchSummary, text=words, from_tip=st.none() | entry_ids)
)
entries = st.builds(Entry, id=entry_ids, parent=st.none() | entry_ids, at=times, body=bodies)
deltas = st.builds(
    Delta,
    part=st.integers(0, 2),
    channel=st.sampled_from(["text", "reasoning", "arguments"]),
    text=words,
    tool=st.sampled_from(["", "bash"]),
)
queues = st.lists(
    st.builds(
        Queued,
        id=ints,
        kind=st.sampled_from(["steer", "follow_up"]),
        text=words,
    ),
    max_size=2,
).map(tuple)
events = (
    st.builds(TurnStarted)
    | st.builds(StepStarted, step=st.integers(1, 9), model=words)
    | deltas
    | deltas
    | st.builds(
        StepRetrying,
        attempt=st.integers(1, 4),
        attempts=st.just(4),
        delay_s=times,
        reason=words,
    )
    | st.builds(EntryAppended, entry=entries)
    | st.builds(
        StepEnded,
        step=st.integers(1, 9),
        stop_reason=st.sampled_from(["end_turn", "tool_use", "error"]),
        usage=st.none() | usages,
        cost_nano=st.none() | ints,
        duration_ms=ints,
    )
    | st.builds(ToolStarted, call=calls, name=words, arguments=objects, target=words)
    | st.builds(ToolProgress, call=calls, text=words)
    | st.builds(
        ToolEnded,
        call=calls,
        name=words,
        status=st.sampled_from(["ok", "error"]),
        duration_ms=ints,
        content=words,
        display=st.none() | displays,
    )
    | st.builds(QueueChanged, queue=queues)
    | st.builds(
        HeadMoved,
        kept=st.none() | entry_ids,
        entries=st.lists(entries, max_size=2).map(tuple),
    )
    | st.builds(
        SessionChanged,
        title=st.none() | words,
        model=st.none() | words,
        window=st.none() | ints,
        mode=st.none() | modes,
    )
    | st.builds(Notice, level=st.sampled_from(["info", "warning", "error"]), text=words)
    | st.builds(
        TurnEnded,
        reason=st.sampled_from(["done", "interrupted", "error", "max_turns", "budget"]),
        error=words,
    )
)
