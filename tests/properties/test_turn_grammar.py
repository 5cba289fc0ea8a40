"""The grammar of ``events.py``, over a model that says and breaks anything, cancelled anywhere."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ion_core.agent.budget import Limits
from ion_core.context.projector import project
from ion_core.errors import BadRequest, Overloaded, ProviderError, StreamBroken
from ion_core.events import (
    Delta,
    EntryAppended,
    Event,
    StepEnded,
    StepStarted,
    ToolEnded,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from ion_core.messages import Message, Reasoning, Text, ToolCall
from ion_core.providers.script import Reply
from tests.fakes.scene import MODEL, Scene, call, scene

ROUNDS = 60


def wishes() -> st.SearchStrategy[ToolCall]:
    """Calls that work, fail, take a while, do not exist or make no sense."""
    ids = st.sampled_from(["c1", "c2", "c3", "c4"])
    what = st.sampled_from(
        [
            ("read", {"path": "a.txt"}),
            ("read", {"path": "none.txt"}),
            ("write", {"path": "b.txt", "content": "x\n"}),
            ("bash", {"command": "echo hi"}),
            ("bash", {"command": "sleep 30"}),
            ("list", {}),
            ("frobnicate", {"a": 1}),
            ("edit", {"path": 5}),
        ]
    )
    made = st.builds(lambda id, w: call(w[0], id, **w[1]), ids, what)
    broken = st.builds(lambda id: ToolCall(id=id, name="read", arguments={}, malformed='{"pa'), ids)
    return made | broken


def answers(*, calls: bool) -> st.SearchStrategy[Reply]:
    """What a model says at a time, with or without calls of its own, and how it ends."""
    words = st.lists(
        st.text("ab \ud800\x00é", max_size=40).map(lambda text: Text(text=text))
        | st.just(Reasoning(text="hm")),
        max_size=2,
    )
    wanted = st.lists(wishes(), max_size=4, unique_by=lambda c: c.id) if calls else st.just([])
    errors: st.SearchStrategy[ProviderError | None] = st.sampled_from(
        [
            None,
            None,
            None,
            BadRequest("No."),
            Overloaded("Busy.", retry_after=0.0),
            StreamBroken("Cut.", retry_after=0.0),
        ]
    )
    return st.builds(
        lambda parts, more, error, stop, delay_s: Reply(
            parts=(*parts, *more), error=error, stop=stop, delay_s=delay_s
        ),
        words,
        wanted,
        errors,
        st.sampled_from([None, None, "max_tokens", "refusal", "other"]),
        st.sampled_from([0.0, 0.0, 0.0005]),
    )


scripts = st.lists(answers(calls=True), max_size=4)
cancels = st.lists(st.integers(0, 60), max_size=3)
"""After how many events, or rounds of the event loop, somebody cancels."""


async def cancelled(s: Scene, after: list[int]) -> None:
    """Cancel again and again, each time some rounds of the loop later."""
    for rounds in after:
        for _ in range(rounds):
            await asyncio.sleep(0)
        await asyncio.wait([asyncio.ensure_future(s.session.cancel())], timeout=0)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await s.session.idle()
    await s.session.cancel()


async def played(folder: Path, script: list[Reply], after: list[int], prompts: int) -> None:
    workspace = folder / "ws"
    workspace.mkdir()
    (workspace / "a.txt").write_text("one\n")
    async with scene(workspace, script, limits=Limits(steps=6)) as s:
        for number in range(prompts):
            await s.session.submit(f"prompt {number}")
            await cancelled(s, after)
            assert not s.session.busy
        check_grammar(s.hear())
        check_history(s)
        assert await s.store.path(s.session.id) == s.session.view.entries
        assert await s.store.open_effects(s.session.id) == ()


def check_grammar(events: list[Event]) -> None:
    """Walk the events as the doc-string of ``events.py`` says they come."""
    turn = step = False
    running: dict[str, str] = {}
    owed: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for event in events:
        match event:
            case TurnStarted():
                assert not turn
                turn = True
            case StepStarted():
                assert turn
                assert not step
                assert not running
                assert not owed
                step = True
            case Delta():
                assert step
            case EntryAppended(entry=entry) if isinstance(entry.body, Message):
                if entry.body.role == "assistant":
                    assert step
                    if entry.body.stop not in ("error", "interrupted"):
                        owed = Counter(c.id for c in entry.body.calls)
                for result in entry.body.results:
                    assert result.call in running
                    answered[result.call] += 1
            case StepEnded():
                assert step
                step = False
            case ToolStarted(call=id, name=name):
                assert turn
                assert not step
                assert owed[id] == 1
                assert id not in running
                running[id] = name
            case ToolEnded(call=id, name=name):
                assert running.pop(id) == name
                assert answered.pop(id) == 1
                del owed[id]
            case TurnEnded():
                assert turn
                assert not step
                assert not running
                assert not owed
                turn = False
    assert not turn
    assert sum(isinstance(e, TurnStarted) for e in events) == sum(
        isinstance(e, TurnEnded) for e in events
    )


def check_history(s: Scene) -> None:
    """Each call is answered exactly once, directly after the message that made it."""
    request = project(s.session.view.entries, system="", tools=(), model=MODEL)
    for index, message in enumerate(request.messages):
        if message.calls:
            results = request.messages[index + 1].results
            assert [result.call for result in results] == [c.id for c in message.calls]
            assert "indeterminate" not in {result.status for result in results}
        if message.role == "tool":
            assert request.messages[index - 1].calls


@settings(max_examples=ROUNDS)
@given(scripts, cancels, st.integers(1, 2))
def test_whatever_happens_a_turn_is_told_in_order_and_closed(
    script: list[Reply], after: list[int], prompts: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(played(Path(folder), script, after, prompts))
