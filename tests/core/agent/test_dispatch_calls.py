from __future__ import annotations

from pathlib import Path

from ion_core.ids import CallId
from ion_core.messages import Text, ToolCall
from ion_core.providers.script import Reply
from tests.fakes.scene import call, scene


async def test_results_come_in_call_order_whatever_order_they_ended_in(tmp_path: Path) -> None:
    calls = [
        call("bash", "slow", command="sleep 0.2; echo slow"),
        call("list", "quick"),
        call("bash", "last", command="echo last"),
    ]
    async with scene(tmp_path / "ws", [calls, "ok"]) as s:
        await s.play("go")
        asked = s.model.requests[1].messages[-1]
        assert [result.call for result in asked.results] == ["slow", "quick", "last"]


async def test_writes_to_one_file_run_in_call_order(tmp_path: Path) -> None:
    calls = [call("write", f"w{i}", path="a.txt", content=f"{i}\n") for i in range(6)]
    calls.append(call("read", "r", path="a.txt"))
    async with scene(tmp_path / "ws", [calls, "ok"]) as s:
        await s.play("go")
        assert (tmp_path / "ws" / "a.txt").read_text() == "5\n"
        assert "5" in next(r.content for r in s.results if r.call == "r")


async def test_a_command_waits_for_the_writes_before_it(tmp_path: Path) -> None:
    calls = [
        call("write", "w", path="a.txt", content="new\n"),
        call("bash", "b", command="cat a.txt"),
    ]
    async with scene(tmp_path / "ws", [calls, "ok"]) as s:
        await s.play("go")
        assert "new" in s.results[-1].content


async def test_read_mode_refuses_to_change_anything_and_says_how_to_switch(tmp_path: Path) -> None:
    calls = [
        call("write", "w", path="a.txt", content="x"),
        call("bash", "b", command="touch b.txt"),
        call("list", "l"),
    ]
    async with scene(tmp_path / "ws", [calls, "ok"], mode="read") as s:
        await s.play("go")
        by_call = {result.call: result for result in s.results}
        assert by_call[CallId("w")].status == by_call[CallId("b")].status == "denied"
        assert "Shift+Tab" in by_call[CallId("w")].content
        assert by_call[CallId("l")].status == "ok"
        assert list((tmp_path / "ws").iterdir()) == []


async def test_every_mode_offers_the_same_tools(tmp_path: Path) -> None:
    offered = []
    for mode in ("read", "write"):
        async with scene(tmp_path / mode / "ws", ["ok"], mode=mode) as s:  # type: ignore[arg-type]
            await s.play("go")
            offered.append(s.model.requests[0].tools)
    assert offered[0] == offered[1]


async def test_an_unknown_tool_is_answered_with_the_nearest_names(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [[call("reed_file", path="x")], "ok"]) as s:
        await s.play("go")
        assert s.results[0].status == "error"
        assert "read" in s.results[0].content


async def test_wrong_arguments_are_answered_with_what_was_expected(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [[call("read", offset=3)], "ok"]) as s:
        await s.play("go")
        assert s.results[0].status == "error"
        assert "path" in s.results[0].content


async def test_broken_json_never_runs(tmp_path: Path) -> None:
    broken = ToolCall(id=CallId("c"), name="write", arguments={}, malformed='{"path": "a.txt", "co')
    async with scene(tmp_path / "ws", [[broken], "ok"]) as s:
        await s.play("go")
        assert s.results[0].status == "error"
        assert not (tmp_path / "ws" / "a.txt").exists()


async def test_a_call_cut_off_by_the_length_limit_never_runs(tmp_path: Path) -> None:
    cut = Reply(
        parts=(Text(text="Now"), call("write", path="a.txt", content="hal")), stop="max_tokens"
    )
    async with scene(tmp_path / "ws", [cut, "ok"]) as s:
        await s.play("go")
        assert s.results[0].status == "error"
        assert "length limit" in s.results[0].content
        assert not (tmp_path / "ws" / "a.txt").exists()


async def test_a_path_outside_the_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("s3cret")
    async with scene(tmp_path / "ws", [[call("read", path="../secret.txt")], "ok"]) as s:
        await s.play("go")
        assert s.results[0].status != "ok"
        assert "s3cret" not in s.results[0].content


async def test_writes_to_different_files_do_not_wait_for_each_other(tmp_path: Path) -> None:
    calls = [call("write", f"w{i}", path=f"{i}.txt", content="x") for i in range(3)]
    calls += [call("read", "r", path="old.txt")]
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "old.txt").write_text("old")
    async with scene(tmp_path / "ws", [calls, "ok"]) as s:
        await s.play("go")
        story = [(type(e).__name__, getattr(e, "call", "")) for e in s.events]
        started = [story.index(("ToolStarted", c.id)) for c in calls]
        ended = [story.index(("ToolEnded", c.id)) for c in calls]
        assert max(started) < min(ended)
