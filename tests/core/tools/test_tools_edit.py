"""The edit tool: exact, unique, all or nothing, and every other byte stays."""

from __future__ import annotations

import stat

import pytest
from tools_bench import Bench, Call

from ion_core.tools.files import FileChanged, replace_file


def edit(old: str, new: str, replace_all: bool = False) -> dict[str, object]:
    return {"old_string": old, "new_string": new, "replace_all": replace_all}


async def test_one_place_changes(call: Call, bench: Bench) -> None:
    file = bench.put("a.py", "x = 1\ny = 2\n")
    outcome = await call("edit", path="a.py", edits=[edit("y = 2", "y = 3")])
    assert file.read_text() == "x = 1\ny = 3\n"
    assert outcome.display.summary == "+1 −1"
    assert "-y = 2\n+y = 3" in outcome.display.diff


async def test_several_edits_are_made_in_order(call: Call, bench: Bench) -> None:
    file = bench.put("a", "one two")
    await call("edit", path="a", edits=[edit("one", "three"), edit("three two", "four")])
    assert file.read_text() == "four"


async def test_when_one_edit_fails_none_is_made(call: Call, bench: Bench) -> None:
    file = bench.put("a", "one two")
    outcome = await call("edit", path="a", edits=[edit("one", "1"), edit("three", "3")])
    assert outcome.status == "error"
    assert outcome.content.startswith("Nothing was changed. Edit 2 of 2: old_string is not in")
    assert file.read_text() == "one two"


async def test_an_ambiguous_edit_lists_the_lines(call: Call, bench: Bench) -> None:
    bench.put("a", "x\ny\nx\n")
    outcome = await call("edit", path="a", edits=[edit("x", "z")])
    assert "2 times, on lines 1, 3" in outcome.content


async def test_replace_all_changes_every_place(call: Call, bench: Bench) -> None:
    file = bench.put("a", "x\ny\nx\n")
    await call("edit", path="a", edits=[edit("x", "xx", replace_all=True)])
    assert file.read_text() == "xx\ny\nxx\n"


async def test_a_near_miss_shows_the_place(call: Call, bench: Bench) -> None:
    bench.put("a.py", "import os\n\ndef f(a):\n    b = a + 1\n    return b\n")
    outcome = await call("edit", path="a.py", edits=[edit("def f(a):\n    return a", "pass")])
    assert "on line 3" in outcome.content
    assert "3\tdef f(a):\n4\t····b = a + 1" in outcome.content


async def test_white_space_that_differs_is_shown(call: Call, bench: Bench) -> None:
    bench.put("a.py", "if x:\n\tif y:\n\t\tz\n")
    wanted = edit("if x:\nif y:\nz", "if x:\n  if y:\nif q:\n  z")
    outcome = await call("edit", path="a.py", edits=[wanted])
    assert "Only the white space differs" in outcome.content
    assert "2\t→if y:" in outcome.content


async def test_another_indentation_is_found_and_said(call: Call, bench: Bench) -> None:
    file = bench.put("a.py", "if x:\n\treturn 1\n")
    outcome = await call("edit", path="a.py", edits=[edit("    return 1", "    return 2")])
    assert file.read_text() == "if x:\n\treturn 2\n"
    assert "was not there exactly; it matched apart from white space" in outcome.content


async def test_a_misspelt_line_is_still_found(call: Call, bench: Bench) -> None:
    bench.put("a.py", "alpha\nreturn compute_total(items)\nomega\n")
    outcome = await call("edit", path="a.py", edits=[edit("return compute_totals(item)", "x")])
    assert "2\treturn compute_total(items)" in outcome.content


@pytest.mark.parametrize(
    ("old", "new", "word"), [("x", "x", "the same"), ("", "y", "empty"), ("q9", "y", "not in")]
)
async def test_a_pointless_edit_is_refused(
    call: Call, bench: Bench, old: str, new: str, word: str
) -> None:
    bench.put("a", "x")
    assert word in (await call("edit", path="a", edits=[edit(old, new)])).content


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nC\r\n"),
        (b"a\nb\nc", b"a\nB\nC"),
        (b"\xef\xbb\xbfa\nb\nc\n", b"\xef\xbb\xbfa\nB\nC\n"),
        ("\ufeffa\nb\nc\n".encode("utf-16-le"), "\ufeffa\nB\nC\n".encode("utf-16-le")),
        ("\ufeffa\r\nb\r\nc".encode("utf-16-be"), "\ufeffa\r\nB\r\nC".encode("utf-16-be")),
        (b"\xff\xe9\r\na\nb\nc\r\n\x80", b"\xff\xe9\r\na\nB\nC\r\n\x80"),
        (b"1\r\n2\r\n3\r\na\nb\nc\rd", b"1\r\n2\r\n3\r\na\nB\nC\rd"),
    ],
)
async def test_everything_else_in_the_file_stays(
    call: Call, bench: Bench, before: bytes, after: bytes
) -> None:
    file = bench.put("a", before)
    file.chmod(0o640)
    outcome = await call("edit", path="a", edits=[edit("b\nc", "B\nC")])
    assert outcome.status == "ok", outcome.content
    assert file.read_bytes() == after
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


async def test_a_missing_file_is_sent_to_write(call: Call, bench: Bench) -> None:
    outcome = await call("edit", path="none", edits=[edit("a", "b")])
    assert outcome.content == "none does not exist. Use write to create a file."


async def test_a_binary_file_is_not_edited(call: Call, bench: Bench) -> None:
    file = bench.put("a", b"a\0b")
    assert "not text" in (await call("edit", path="a", edits=[edit("a", "b")])).content
    assert file.read_bytes() == b"a\0b"


async def test_a_hard_link_to_elsewhere_is_not_broken(call: Call, bench: Bench) -> None:
    outside = bench.root.parent / "outside.txt"
    outside.write_text("a")
    (bench.root / "hard.txt").hardlink_to(outside)
    assert "hard links" in (await call("edit", path="hard.txt", edits=[edit("a", "b")])).content
    assert outside.read_text() == "a"


def test_a_file_that_changed_meanwhile_is_not_overwritten(bench: Bench) -> None:
    file = bench.put("a", "read by us")
    status = file.stat()
    file.write_text("written by somebody else")
    with pytest.raises(FileChanged, match="Read it again"):
        replace_file(file, b"ours", status)
    assert file.read_text() == "written by somebody else"
    assert [path.name for path in bench.root.iterdir()] == ["a"]


def test_a_file_that_appeared_meanwhile_is_not_overwritten(bench: Bench) -> None:
    file = bench.put("a", "new")
    with pytest.raises(FileChanged):
        replace_file(file, b"ours", None)
    assert file.read_text() == "new"


async def test_a_file_that_changed_since_it_was_read_is_refused(call: Call, bench: Bench) -> None:
    file = bench.put("a.py", "x = 1\ny = 2\n")
    await call("read", path="a.py")
    file.write_text("x = 1\ny = 3\n")
    outcome = await call("edit", path="a.py", edits=[edit("x = 1", "x = 5")])
    assert outcome.status == "error"
    assert "a.py is not what you read last" in outcome.content
    assert "-y = 2\n+y = 3" in outcome.content
    assert file.read_text() == "x = 1\ny = 3\n"


async def test_having_seen_the_difference_one_may_go_on(call: Call, bench: Bench) -> None:
    file = bench.put("a.py", "x = 1\ny = 2\n")
    await call("read", path="a.py")
    file.write_text("x = 1\ny = 3\n")
    for status in ("error", "ok"):
        outcome = await call("edit", path="a.py", edits=[edit("x = 1", "x = 5")])
        assert outcome.status == status
    assert file.read_text() == "x = 5\ny = 3\n"


async def test_ones_own_changes_are_no_surprise(call: Call, bench: Bench) -> None:
    file = bench.put("a.py", "x = 1\n")
    await call("read", path="a.py")
    await call("edit", path="a.py", edits=[edit("1", "2")])
    await call("write", path="a.py", content="x = 3\n")
    assert (await call("edit", path="a.py", edits=[edit("3", "4")])).status == "ok"
    assert file.read_text() == "x = 4\n"


async def test_a_file_that_was_only_touched_is_the_same(call: Call, bench: Bench) -> None:
    file = bench.put("a.py", "x = 1\n")
    await call("read", path="a.py")
    file.unlink()
    bench.put("a.py", "x = 1\n")
    assert (await call("edit", path="a.py", edits=[edit("1", "2")])).status == "ok"


async def test_which_edit_was_found_in_another_way_is_said(call: Call, bench: Bench) -> None:
    bench.put("a.py", "\tone(1)\n\ttwo(2)\n")
    edits = [edit("one(1)", "one(3)"), edit("    two(2)", "    two(4)")]
    outcome = await call("edit", path="a.py", edits=edits)
    assert "Edit 2 of 2: old_string was not there exactly" in outcome.content
    assert "Edit 1" not in outcome.content
