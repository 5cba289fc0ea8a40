"""Calls as models make them: what is certain runs, what is not never does."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.ids import CallId
from ion_core.messages import Text, ToolCall
from ion_core.providers.script import Reply
from tests.fakes.scene import call, scene


def broken(name: str, text: str) -> ToolCall:
    return ToolCall(id=CallId("c"), name=name, arguments={}, malformed=text)


@pytest.mark.parametrize(
    "wish",
    [
        broken("write", '{"path": "a.txt", "content": "x\\n",}'),
        broken("write", '"{\\"path\\": \\"a.txt\\", \\"content\\": \\"x\\\\n\\"}"'),
        call("Write", file_path="a.txt", content="x\n"),
        call("str_replace_editor", command="create", path="a.txt", file_text="x\n"),
        call("functions.bash", command=["bash", "-lc", "echo x > a.txt"]),
        call("apply_patch", patch="*** Begin Patch\n*** Add File: a.txt\n+x\n*** End Patch"),
    ],
)
async def test_a_call_whose_meaning_is_certain_runs(tmp_path: Path, wish: ToolCall) -> None:
    async with scene(tmp_path / "ws", [[wish], "ok"]) as s:
        await s.play("go")
        assert [result.status for result in s.results] == ["ok"], s.results
        assert (tmp_path / "ws" / "a.txt").read_text() == "x\n"


async def test_an_editor_with_commands_views_and_replaces(tmp_path: Path) -> None:
    name = "str_replace_based_edit_tool"
    steps = [
        [call(name, "v", command="view", path="a.txt", view_range=[2, 2])],
        [call(name, "r", command="str_replace", path="a.txt", old_str="b", new_str="x")],
        [call(name, "i", command="insert", path="a.txt", insert_line=1, new_str="y")],
        "ok",
    ]
    async with scene(tmp_path / "ws", steps) as s:
        (tmp_path / "ws" / "a.txt").write_text("a\nb\nc\n")
        await s.play("go")
        assert s.results[0].content.startswith("2\tb")
        assert [result.status for result in s.results] == ["ok", "ok", "error"]
        assert (tmp_path / "ws" / "a.txt").read_text() == "a\nx\nc\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("write", '{"path": "a.txt", "content": "hal'),
        ("edit", '{"path": "b.txt", "edits": [{"old_string": "b", "new_string": "c"}'),
        ("bash", '{"command": "touch a.txt"'),
        ("bash", '{"command": "touch a.txt; rm -rf'),
        ("bash", '"{\\"command\\": \\"touch a.txt\\"'),
        ("apply_patch", '{"patch": "*** Begin Patch\\n*** Add File: a.txt\\n+x\\n*** End Patch'),
    ],
)
async def test_what_was_cut_off_never_runs(tmp_path: Path, name: str, text: str) -> None:
    async with scene(tmp_path / "ws", [[broken(name, text)], "ok"]) as s:
        (tmp_path / "ws" / "b.txt").write_text("b\n")
        await s.play("go")
        assert s.results[0].status == "error"
        assert "cut off after" in s.results[0].content
        assert [path.name for path in (tmp_path / "ws").iterdir()] == ["b.txt"]
        assert (tmp_path / "ws" / "b.txt").read_text() == "b\n"


@pytest.mark.parametrize("name", ["write", "edit", "bash", "Bash", "read"])
async def test_the_last_call_of_an_answer_that_hit_its_limit_never_runs(
    tmp_path: Path, name: str
) -> None:
    wish = call(name, path="b.txt", content="x", command="touch a.txt", old_str="b", new_str="c")
    answer = Reply(parts=(Text(text="Now"), wish), stop="max_tokens")
    async with scene(tmp_path / "ws", [answer, "ok"]) as s:
        (tmp_path / "ws" / "b.txt").write_text("b\n")
        await s.play("go")
        assert "length limit" in s.results[0].content
        assert [path.name for path in (tmp_path / "ws").iterdir()] == ["b.txt"]
        assert (tmp_path / "ws" / "b.txt").read_text() == "b\n"


async def test_what_is_said_after_a_long_result_does_not_make_it_longer(tmp_path: Path) -> None:
    wish = {"command": "head -c 100000 /dev/zero | tr '\\0' x", "retries": 3}
    async with scene(tmp_path / "ws", [[call("bash", **wish)], "ok"]) as s:
        await s.play("go")
        assert "[ignored: retries" in s.results[0].content
        assert len(s.results[0].content) <= 30_000


async def test_after_three_wrong_calls_the_whole_schema_is_shown(tmp_path: Path) -> None:
    steps = [[call("read", f"c{number}", offset=number)] for number in range(3)]
    async with scene(tmp_path / "ws", [*steps, "ok"]) as s:
        await s.play("go")
        shown = ['"required": ["path"]' in result.content for result in s.results]
        assert shown == [False, False, True]


async def test_fields_that_mean_nothing_are_named_in_the_result(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [[call("list", recursive_mode="x")], "ok"]) as s:
        await s.play("go")
        assert "[ignored: recursive_mode; the fields are" in s.results[0].content


async def test_what_cannot_be_read_is_answered_with_an_example_of_that_tool(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [[broken("shell", "run the tests")], "ok"]) as s:
        await s.play("go")
        assert "not a JSON object" in s.results[0].content
        assert '{"command": "pytest -q"' in s.results[0].content
