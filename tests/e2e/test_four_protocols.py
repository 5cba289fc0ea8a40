"""Each protocol does a whole task through the real ``ion run``, with everything going wrong once,
and a session goes on from each protocol to every other and back."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.protocol_house import ANSWER, READS, RUNS, WRITES, assert_done, by_protocol, house
from tests.fakes.chat_server import ChatServer
from tests.fakes.rules import CONVERSATION, assert_obeys
from tests.fakes.tongues import TONGUES

EVERY = os.environ.get("ALL_TESTS") == "1"
"""Every protocol where each of them would show much the same; the ordinary run has two."""


def assert_legal(protocol: str, server: ChatServer) -> None:
    assert server.chats
    for body in server.chats:
        assert_obeys(protocol, body)


@by_protocol
async def test_a_file_is_written_and_run_and_the_answer_is_right(
    protocol: str, tmp_path: Path
) -> None:
    tongue = TONGUES[protocol]
    replies = [
        tongue.said("First the script.", thoughts="A script will do.", calls=[WRITES]),
        tongue.said(calls=[RUNS]),
        tongue.said(ANSWER),
    ]
    async with house(tmp_path, tongue) as (at, [server]):
        server.say(replies)
        run = await at.run(protocol, "greet me")
        assert_done(at, run, steps=3)
        assert_legal(protocol, server)
        counted = {"input": 300, "output": 30, "cache_read": 0, "cache_write": 0}
        assert run.result["usage"] == run.result["usage"] | counted
        assert "A script will do." in "".join(e["text"] for e in run.of("delta"))


@by_protocol
async def test_calls_that_are_made_together_are_answered_together(
    protocol: str, tmp_path: Path
) -> None:
    tongue = TONGUES[protocol]
    async with house(tmp_path, tongue) as (at, [server]):
        server.say([tongue.said(calls=[WRITES, RUNS]), tongue.said(ANSWER)])
        assert_done(at, await at.run(protocol, "greet me"), steps=2)
        assert_legal(protocol, server)


@pytest.mark.parametrize("protocol", TONGUES if EVERY else ["openai-chat", "anthropic-messages"])
async def test_every_fault_on_the_way_is_survived_and_nothing_is_done_twice(
    protocol: str, tmp_path: Path
) -> None:
    tongue = TONGUES[protocol]
    first = tongue.said("First the script.", thoughts="A script will do.", calls=[WRITES])
    second, last = tongue.said("And now run it.", calls=[RUNS]), tongue.said(ANSWER)
    replies = [
        *(tongue.busy(), first),
        *(tongue.failing(second), tongue.cut(second, 4), second),
        *(tongue.truncated(last), last),
    ]
    async with house(tmp_path, tongue) as (at, [server]):
        server.say(replies)
        run = await at.run(protocol, "greet me")
        assert_done(at, run, steps=3)
        assert_legal(protocol, server)
        assert len(server.chats) == len(replies)
        assert run.result["usage"]["input"] == 300
        assert all("And now run it.And" not in json.dumps(body) for body in server.chats)


@by_protocol
async def test_a_call_of_a_broken_answer_is_never_run(protocol: str, tmp_path: Path) -> None:
    tongue = TONGUES[protocol]
    for number, breaks in enumerate((tongue.failing, tongue.truncated)):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with house(folder, tongue) as (at, [server]):
            server.say([breaks(tongue.said("Now.", calls=[WRITES])), tongue.said("Done.")])
            run = await at.run(protocol, "greet me")
            assert (run.code, run.result["text"]) == (0, "Done.")
            assert not run.of("tool_started")
            assert not (at.cwd / "greet.sh").exists()
            assert_legal(protocol, server)


@pytest.mark.parametrize(("before", "after"), permutations(TONGUES, 2))
async def test_a_session_goes_on_with_another_provider_and_comes_back(
    before: str, after: str, tmp_path: Path
) -> None:
    """What was said reaches the other one, its thoughts and signatures do not; the first one is
    then sent its own again, and nothing that is stored was rewritten."""
    one, other = TONGUES[before], TONGUES[after]
    async with house(tmp_path, one, other) as (at, [first, second]):
        task = one.said("First the script.", thoughts="My own thought.", calls=[WRITES, RUNS])
        first.say([task, one.said(ANSWER)])
        assert_done(at, await at.run(before, "greet me"), steps=2)
        kept = at.stored()

        second.say([other.said("Let me look.", calls=[READS]), other.said("It is there.")])
        run = await at.run(after, "-c", "look again")
        assert (run.code, run.result["text"]) == (0, "It is there.")
        assert_legal(after, second)
        assert_converted(second.chats[0][CONVERSATION[after]])
        assert at.stored()[: len(kept)] == kept

        again = at.stored()
        first.say([one.said("Fine.")])
        run = await at.run(before, "-c", "thanks")
        assert (run.code, run.result["text"]) == (0, "Fine.")
        assert_legal(before, first)
        assert at.stored()[: len(again)] == again
        own, whole = (first.chats[at_][CONVERSATION[before]] for at_ in (1, 2))
        assert bare(whole)[: len(own)] == bare(own)


def assert_converted(conversation: Sequence[Any]) -> None:
    text = json.dumps(conversation)
    for said in ("greet me", "First the script.", "greet.sh", "hello from ion", "look again"):
        assert said in text
    for foreign in ("My own thought.", "c2lnbg==", "c2VhbGVk"):
        assert foreign not in text


def bare(value: Any) -> Any:
    """Without the marks of caching, which move on."""
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if k != "cache_control"}
    return [bare(each) for each in value] if isinstance(value, list) else value
