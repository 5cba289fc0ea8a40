"""A session makes room in its model's window: by itself, when asked, and after a refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from ion_core.agent import summaries
from ion_core.compaction.base import CannotCompact
from ion_core.compaction.portions import portions
from ion_core.compaction_events import CompactionEnded, CompactionFailed, CompactionStarted
from ion_core.config.schema import CompactionSettings
from ion_core.entries import BranchSummary, Compaction, Pin
from ion_core.errors import BadRequest, ContextOverflow, Overloaded, StoreError
from ion_core.events import Notice
from ion_core.ids import EntryId
from ion_core.messages import Text
from ion_core.providers.base import Request
from ion_core.providers.script import Reply, Step
from ion_core.tools.compact import Compact
from tests.fakes.scene import MODEL, Scene, call, scene
from tests.fakes.talks import GOOD

SMALL = replace(MODEL, window=16_000)
"""Full at 10,400 tokens."""
WORDS = " ".join(f"{n:x}" for n in range(5_000, 6_500))


def summing_up(request: Request) -> bool:
    return "checkpoint summary" in request.messages[-1].text


def talking(request: Request) -> Step:
    """A model that answers at length and sums up well."""
    return GOOD if summing_up(request) else f"{WORDS} {len(request.messages)}"


def compactions(s: Scene) -> list[Compaction]:
    return [e.body for e in s.session.view.entries if isinstance(e.body, Compaction)]


def told(s: Scene, kind: type) -> list[object]:
    return [event for event in s.hear() if isinstance(event, kind)]


async def talked(s: Scene, times: int) -> None:
    for n in range(times):
        assert (await s.play(f"prompt {n}")).reason == "done"


async def test_a_full_window_is_compacted_before_the_next_request(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [talking] * 30, model=SMALL) as s:
        await talked(s, 8)
        assert compactions(s)
        assert all(c.mode == "suffix" for c in compactions(s))
        [ended, *_] = told(s, CompactionEnded)
        assert isinstance(ended, CompactionEnded)
        assert ended.tokens_after < ended.tokens_before * 0.7
        last = s.model.requests[-1].messages
        assert last[0].text.startswith("<context_checkpoint n=")
        assert "prompt 0" in last[0].text
        assert last[-1].text == "prompt 7"


async def test_it_happens_in_the_middle_of_a_turn_and_the_turn_goes_on(tmp_path: Path) -> None:
    def working(request: Request) -> Step:
        done = len([e for e in s.session.view.entries])
        if summing_up(request):
            return GOOD
        return "ready" if done > 60 else [call("bash", f"c{done}", command=f"seq {done} 1200")]

    async with scene(tmp_path / "ws", [working] * 90, model=SMALL) as s:
        ended = await s.play("count")
        assert ended.reason == "done"
        assert compactions(s)
        for request in s.model.requests:
            calls = [c.id for message in request.messages for c in message.calls]
            assert calls == [r.call for message in request.messages for r in message.results]


async def test_what_a_provider_refuses_as_too_large_is_compacted_and_sent_once_more(
    tmp_path: Path,
) -> None:
    refused: list[Request] = []

    def strict(request: Request) -> Step:
        if summing_up(request):
            return GOOD
        if len(refused) < 1 and "prompt 3" in request.messages[-1].text:
            refused.append(request)
            return ContextOverflow("prompt is too long: 9000 tokens > 8000 maximum")
        return talking(request)

    async with scene(tmp_path / "ws", [strict] * 20, model=replace(MODEL, window=0)) as s:
        await talked(s, 4)
        [made] = compactions(s)
        assert (made.reason, len(refused)) == ("overflow", 1)


async def test_a_provider_that_always_refuses_is_asked_twice_and_no_more(tmp_path: Path) -> None:
    def strict(request: Request) -> Step:
        if summing_up(request):
            return GOOD
        last = request.messages[-1].text
        return ContextOverflow("too long") if last == "prompt" else talking(request)

    async with scene(tmp_path / "ws", [strict] * 20) as s:
        await talked(s, 4)
        ended = await s.play("prompt")
        assert (ended.reason, ended.error_kind) == ("error", "context_overflow")
        asked = [r for r in s.model.requests if r.messages[-1].text == "prompt"]
        assert len(asked) == 2
        assert len(compactions(s)) == 1


async def test_asked_for_it_is_done_at_once_with_what_matters_to_the_person(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 4)
        await s.session.compact("the parser")
        [made] = compactions(s)
        assert (made.reason, made.focus) == ("person", "the parser")
        assert "the parser" in s.model.requests[-1].messages[-1].text
        await talked(s, 1)


async def test_undone_the_next_request_is_what_it_would_have_been(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 4)
        before, *_ = await s.session.draft()
        await s.session.compact()
        assert (await s.session.draft())[0] != before
        await s.session.undo_compaction()
        assert (await s.session.draft())[0] == before
        with pytest.raises(StoreError, match="no compaction"):
            await s.session.undo_compaction()


async def test_a_summary_can_be_seen_and_changed_before_it_holds(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 4)
        task, made = await s.session.preview_compaction()
        assert compactions(s) == []
        await s.session.adopt_compaction(task, replace(made, summary="MINE", edited=True))
        assert "MINE" in (await s.session.draft())[0].messages[0].text
        with pytest.raises(StoreError, match="went on"):
            await s.session.adopt_compaction(task, made)


async def test_what_was_pinned_is_in_the_checkpoint(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 4)
        await s.session.pin("the port is 8080")
        assert any(isinstance(e.body, Pin) for e in s.session.view.entries)
        await s.session.compact()
        assert "the port is 8080" in (await s.session.draft())[0].messages[0].text
        with pytest.raises(BadRequest):
            await s.session.pin("  ")


async def test_a_short_talk_is_not_compacted_and_that_is_said(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["hi"]) as s:
        await talked(s, 1)
        await s.session.compact()
        [failed] = told(s, CompactionFailed)
        assert isinstance(failed, CompactionFailed)
        assert "short" in failed.reason or "checkpoint would leave" in failed.reason
        assert compactions(s) == []


async def test_switched_off_it_only_says_what_to_do(tmp_path: Path) -> None:
    off = CompactionSettings(auto=False)
    async with scene(tmp_path / "ws", [talking] * 9, model=SMALL, compaction=off) as s:
        await s.play("one")
        for n in range(6):
            ended = await s.play(f"prompt {n}")
        assert compactions(s) == []
        notices = [n for n in s.hear() if isinstance(n, Notice) and "/compact" in n.text]
        assert len(notices) == 1
        assert ended.error_kind in ("", "context_overflow")


async def test_a_model_without_an_answer_does_not_stop_it(tmp_path: Path) -> None:
    def mute(request: Request) -> Step:
        return Reply(error=Overloaded("no", retryable=False)) if summing_up(request) else WORDS

    async with scene(tmp_path / "ws", [mute] * 40, model=SMALL) as s:
        await talked(s, 9)
        assert {c.mode for c in compactions(s)} == {"mechanical"}


async def test_a_model_that_never_ends_its_summary_does_not_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "PATIENCE_S", 0.2)

    def silent(request: Request) -> Step:
        never = Reply(parts=(Text(text="## Goal"),), gate=asyncio.Event())
        return never if summing_up(request) else f"{WORDS} {len(request.messages)}"

    async with scene(tmp_path / "ws", [silent] * 30, model=SMALL) as s:
        await talked(s, 8)
        assert {c.mode for c in compactions(s)} == {"mechanical"}
        assert sum(map(summing_up, s.model.requests)) == len(compactions(s))


async def test_a_second_checkpoint_without_anything_new_is_refused(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 4)
        await s.session.compact()
        asked = len(s.model.requests)
        await s.session.compact()
        [failed] = told(s, CompactionFailed)
        assert "Nothing was said since" in str(failed)
        assert len(compactions(s)) == 1
        assert len(s.model.requests) == asked


async def test_stopped_while_it_sums_up_everything_is_as_before(tmp_path: Path) -> None:
    gate = asyncio.Event()

    def slow(request: Request) -> Step:
        return Reply(parts=(Text(text=GOOD),), gate=gate) if summing_up(request) else WORDS

    async with scene(tmp_path / "ws", [slow] * 20) as s:
        await talked(s, 4)
        before, *_ = await s.session.draft()
        asked = asyncio.ensure_future(s.session.compact())
        await s.until(CompactionStarted)
        await s.session.cancel()
        await asked
        assert told(s, CompactionFailed)
        assert compactions(s) == []
        assert s.session.view.compacting is None
        gate.set()
        assert (await s.play("go on")).reason == "done"
        assert s.model.requests[-1].messages[: len(before.messages)] == before.messages


@pytest.mark.parametrize("steps", range(0, 60, 3))
async def test_cancelled_anywhere_there_is_the_old_state_or_the_new(
    tmp_path: Path, steps: int
) -> None:
    async with scene(tmp_path / "ws", [talking] * 20) as s:
        await talked(s, 4)
        before = [entry.id for entry in s.session.view.entries]
        asked = asyncio.ensure_future(s.session.compact())
        for _ in range(steps):
            await asyncio.sleep(0)
        await s.session.cancel()
        await asked
        now = [e.id for e in s.session.view.entries if isinstance(e.body, Compaction)]
        kept = [e.id for e in await s.store.path(s.session.id)]
        assert kept[: len(before)] == before
        assert len(now) <= 1
        assert (await s.play("go on")).reason == "done"


async def test_another_model_chosen_meanwhile_shifts_nothing(tmp_path: Path) -> None:
    gate = asyncio.Event()

    def slow(request: Request) -> Step:
        return Reply(parts=(Text(text=GOOD),), gate=gate) if summing_up(request) else WORDS

    async with scene(tmp_path / "ws", [slow] * 20) as s:
        await talked(s, 4)
        asked = asyncio.ensure_future(s.session.compact())
        await s.until(CompactionStarted)
        await s.session.set_model("scripted/other")
        gate.set()
        await asked
        messages = (await s.session.draft())[0].messages
        assert messages[1].role in ("user", "assistant")
        assert not messages[1].results


async def test_a_shortened_result_stays_in_its_place_when_the_path_grows(tmp_path: Path) -> None:
    gate = asyncio.Event()

    def model(request: Request) -> Step:
        if summing_up(request):
            return Reply(parts=(Text(text=GOOD),), gate=gate)
        if request.messages[-1].text == "look":
            return Reply(parts=(call("read", path="long.txt"),))
        return "read" if request.messages[-1].results else WORDS

    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "long.txt").write_text("fifteen letters\n" * 300)
    async with scene(tmp_path / "ws", [model] * 20) as s:
        await talked(s, 4)
        await s.play("look")
        asked = asyncio.ensure_future(s.session.compact())
        await s.until(CompactionStarted)
        await s.session.set_model("scripted/other")
        gate.set()
        await asked
        [made] = compactions(s)
        [shown] = [m for m in (await s.session.draft())[0].messages if m.results]
        assert shown.results[0].content == made.stubs[0].text
        assert "tokens put away, recall e" in made.stubs[0].text


async def test_compactions_without_progress_come_to_an_end(tmp_path: Path) -> None:
    """Failing calls with long output fill the window again and again."""

    def failing(request: Request) -> Step:
        if summing_up(request):
            return GOOD
        n = len(s.session.view.entries)
        return [call("bash", f"c{n}", command=f"seq {n} 2500; false")]

    limited = replace(SMALL, window=12_000)
    async with scene(tmp_path / "ws", [failing] * 200, model=limited) as s:
        await s.play("go")
        assert len(compactions(s)) <= 4


def by_size(limit: int) -> Callable[[Request], Step]:
    """A server whose window is smaller than anybody said."""

    def server(request: Request) -> Step:
        text = sum(len(m.text) for m in request.messages)
        if text / 3.5 > limit:
            return ContextOverflow(f"{int(text / 3.5)} tokens > {limit} maximum")
        return talking(request)

    return server


async def test_a_window_smaller_than_the_catalogue_says_is_learnt(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [by_size(12_000)] * 60) as s:
        await talked(s, 14)
        assert 1 <= len([c for c in compactions(s) if c.reason == "overflow"]) <= 2


async def test_a_model_may_wish_for_it_when_the_conversation_is_long(tmp_path: Path) -> None:
    def working(request: Request) -> Step:
        if summing_up(request):
            return GOOD
        last = request.messages[-1]
        if last.text.startswith("now"):
            return [call("compact", "w1", focus="the end")]
        return "done" if last.results else WORDS

    async with scene(
        tmp_path / "ws", [working] * 30, model=replace(MODEL, window=40_000), rare=[Compact()]
    ) as s:
        await s.play("now 1")
        assert "too few" in s.results[-1].content
        await talked(s, 6)
        assert compactions(s) == []
        await s.play("now 2")
        assert "Requested" in s.results[-1].content
        [made] = compactions(s)
        assert (made.reason, made.focus) == ("model", "the end")


async def test_a_handoff_knows_what_matters_and_sends_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 2)
        before = len(s.session.view.entries)
        draft = await s.session.handoff("write the docs")
        assert draft.startswith("write the docs")
        assert GOOD in draft
        assert "write the docs" in s.model.requests[-1].messages[-1].text
        assert len(s.session.view.entries) == before
        assert (await s.store.info(s.session.id)).usage.output > s.session.view.usage.output - 1
        with pytest.raises(BadRequest):
            await s.session.handoff(" ")


async def test_an_entry_is_put_in_front_of_the_model_again(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 2)
        answer = s.session.view.entries[1]
        await s.session.expand(answer.id)
        told_again = (await s.session.draft())[0].messages[-1].text
        assert told_again.startswith(f'<attachment source="{answer.id}, earlier')
        with pytest.raises(StoreError, match="no message"):
            await s.session.expand(EntryId("e999"))


async def test_a_branch_that_is_left_is_summed_up_for_the_one_gone_to(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 3)
        first, tip = s.session.view.entries[1].id, s.session.view.head
        await s.session.move_with_summary(first, "the port")
        last = s.session.view.entries[-1].body
        assert isinstance(last, BranchSummary)
        assert last.from_tip == tip
        assert last.text.startswith(GOOD)
        assert "prompt 2" in last.text[len(GOOD) :]
        assert "the port" in s.model.requests[-1].messages[-1].text
        assert GOOD in (await s.session.draft())[0].messages[-1].text
        assert (await s.play("on")).reason == "done"


async def test_the_parts_of_a_window_add_up_to_it(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 4)
        await s.session.compact()
        await s.play("more")
        request, tokens, limits = await s.session.draft()
        parts = portions(s.session.view.entries, request, tokens, limits)
        assert abs(sum(part.tokens for part in parts) - limits.window) < 20
        names = {part.name for part in parts}
        assert {"System prompt", "Tools", "Checkpoint summary", "Free", "Reserve"} <= names


async def test_whoever_hears_of_it_before_may_add_words_or_forbid_it(tmp_path: Path) -> None:
    async def adds(reason: str, focus: str) -> str:
        return f"keep the tickets ({reason})"

    async def forbids(reason: str, focus: str) -> str:
        raise CannotCompact("Not while the release is built.")

    async with scene(tmp_path / "ws", [talking] * 9) as s:
        await talked(s, 4)
        s.session._compacting.before = forbids
        await s.session.compact()
        [failed] = told(s, CompactionFailed)
        assert isinstance(failed, CompactionFailed)
        assert "release" in failed.reason
        s.session._compacting.before = adds
        await s.session.compact("ports")
        [made] = compactions(s)
        assert made.focus == "ports\nkeep the tickets (person)"
