# ruff: noqa: E501  (tables, one case a line)
"""The apply_patch tool: several files at once, each found as edits are, all or none."""

from __future__ import annotations

import os
import stat

import pytest
from tools_bench import Bench, Call

from ion_core.tools.patch import ApplyPatch, PatchArgs

APP = (
    "import os\n\n\ndef one():\n    x = 1\n    return x\n\n\ndef two():\n    x = 1\n    return x\n"
)


def patch(*lines: str) -> str:
    return "\n".join(("*** Begin Patch", *lines, "*** End Patch"))


def update(path: str, *lines: str) -> str:
    return patch(f"*** Update File: {path}", *lines)


async def test_files_are_added_updated_moved_and_deleted(call: Call, bench: Bench) -> None:
    bench.put("a.py", "one\ntwo\nthree\n").chmod(0o755)
    bench.put("old.txt", "x\n")
    outcome = await call(
        "apply_patch",
        patch=patch(
            "*** Add File: new/b.txt",
            "+hello",
            "+",
            "+world",
            "*** Update File: a.py",
            "*** Move to: src/a.py",
            "@@",
            " one",
            "-two",
            "+2",
            " three",
            "*** Delete File: old.txt",
        ),
    )
    assert outcome.status == "ok", outcome.content
    assert (bench.root / "new/b.txt").read_text() == "hello\n\nworld\n"
    assert (bench.root / "src/a.py").read_text() == "one\n2\nthree\n"
    assert stat.S_IMODE((bench.root / "src/a.py").stat().st_mode) == 0o755
    assert sorted(os.listdir(bench.root)) == ["new", "src"]
    assert outcome.content.split("\n")[:4] == [
        "Done.",
        "Added new/b.txt (+3 −0)",
        "Moved a.py to src/a.py (+1 −1)",
        "Deleted old.txt (+0 −1)",
    ]
    assert outcome.display.summary == "+4 −2"
    assert "-two\n+2" in outcome.display.diff


CASES = {
    "a first part without @@": ("a\nb\n", (" a", "-b", "+c"), "a\nc\n"),
    "several parts": ("a\nb\nc\nd\n", ("@@", "-a", "+1", "@@", " c", "-d", "+4"), "1\nb\nc\n4\n"),
    "an anchor": (APP, ("@@ def two():", "-    x = 1", "+    x = 2"), APP[:48] + APP[48:].replace("= 1", "= 2")),
    "an anchor that is context too": (APP, ("@@ def two():", " def two():", "-    x = 1", "+    x = 2"), APP[:48] + APP[48:].replace("= 1", "= 2")),
    "two anchors": ("class A:\n  def f():\n    x\nclass B:\n  def f():\n    x\n", ("@@ class B:", "@@   def f():", "-    x", "+    y"), "class A:\n  def f():\n    x\nclass B:\n  def f():\n    y\n"),
    "a part of an anchor's line": (APP, ("@@ def two", "-    x = 1", "+    x = 2"), APP[:48] + APP[48:].replace("= 1", "= 2")),
    "line numbers": ("a\nb\n", ("@@ -1,2 +1,2 @@", " a", "-b", "+c"), "a\nc\n"),
    "lines at the end": ("a\n", ("+b",), "a\nb\n"),
    "lines after an anchor": ("a\nb\n", ("@@ a", "+x"), "a\nx\nb\n"),
    "the last of two": ("x\ny\nx\n", ("@@", "-x", "+z", "*** End of File"), "x\ny\nz\n"),
    "lines that go": ("a\nb\nc\n", (" a", "-b", " c"), "a\nc\n"),
    "the last line goes": ("a\nb", ("-b",), "a"),
    "no final newline": ("a\nb", (" a", "-b", "+c"), "a\nc"),
    "an empty line of context": ("a\n\nb\n", (" a", "", "-b", "+c"), "a\n\nc\n"),
    "a blank line at the end that is not there": ("a\nb", ("-b", "+c", " "), "a\nc"),
    "CRLF": ("a\r\nb\r\n", (" a", "-b", "+c", "+d"), "a\r\nc\r\nd\r\n"),
    "spaces at line ends": ("a  \nb\n", (" a", "-b", "+c"), "a  \nc\n"),
    "look-alike characters": ("say “a”\nb\n", (' say "a"', "-b", "+c"), "say “a”\nc\n"),
    "other indentation": ("f {\n\tif a {\n\t\tb\n\t}\n}\n", ("     if a {", "-        b", "+        c", "+        d"), "f {\n\tif a {\n\t\tc\n\t\td\n\t}\n}\n"),
    "parts in another order": ("a\nb\nc\nd\ne\n", ("@@", "-d", "+4", "@@", "-a", "+1"), "1\nb\nc\n4\ne\n"),
    "a file from empty": ("", ("+a",), "a\n"),
    "everything": ("a\nb\n", ("-a", "-b", "+c"), "c\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_an_update_does_what_was_meant(call: Call, bench: Bench, name: str) -> None:
    before, lines, after = CASES[name]
    file = bench.put("a.py", before)
    outcome = await call("apply_patch", patch=update("a.py", *lines))
    assert outcome.status == "ok", outcome.content
    assert file.read_bytes() == after.encode()


async def test_what_was_not_there_exactly_is_said(call: Call, bench: Bench) -> None:
    bench.put("a.py", "a  \nb\n")
    outcome = await call("apply_patch", patch=update("a.py", " a", "-b", "+c"))
    assert "a.py: part 1 was not there exactly; it matched" in outcome.content


REFUSED = {
    "twice": ("x = 1\ny\nx = 1\n", ("-x = 1", "+x = 2"), "fits 2 times, on lines 1, 3"),
    "missing": ("alpha = 1\nbeta = 2\n", (" alpha = 1", "-beta = 3", "+x"), "2\tbeta = 2"),
    "an anchor that is not there": ("a\n", ("@@ def f():", "-a", "+b"), "'def f():' behind @@"),
    "the same line twice": ("a\nb\nc\n", ("@@", "-b", "+x", "@@", " a", "-b", "+y"), "another part"),
    "nothing changes": ("a\n", (" a",), "changes nothing"),
    "a line without a sign": ("a\n", ("@@", "-a", "?b"), "begins with a space, + or -"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_an_update_that_is_not_certain_is_refused(
    call: Call, bench: Bench, name: str
) -> None:
    before, lines, word = REFUSED[name]
    file = bench.put("a.py", before)
    outcome = await call("apply_patch", patch=update("a.py", *lines))
    assert outcome.status == "error"
    assert word in outcome.content
    assert "Nothing was changed" in outcome.content
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "begins with '*** Begin Patch'"),
        ("*** Begin Patch\n*** Add File: a\n+x\n", "cut off"),
        (patch(), "changes no file"),
        (patch("hello"), "line 2 is 'hello'"),
        (patch("*** Add File: a", "x"), "begins with +"),
        (patch("*** Update File: a"), "has no lines"),
        (patch("*** Delete File: a", "-x"), "nothing may follow"),
    ],
)
async def test_what_is_no_patch_is_explained(
    call: Call, bench: Bench, text: str, word: str
) -> None:
    outcome = await call("apply_patch", patch=text)
    assert outcome.status == "error"
    assert word in outcome.content
    assert os.listdir(bench.root) == []


@pytest.mark.parametrize("wrap", ["```\n{}\n```", "apply_patch <<'EOF'\n{}\nEOF", "  \n{}\n  "])
async def test_what_is_around_a_patch_is_passed_over(call: Call, bench: Bench, wrap: str) -> None:
    await call("apply_patch", patch=wrap.format(patch("*** Add File: a", "+x")))
    assert (bench.root / "a").read_text() == "x\n"


async def test_when_one_file_fails_none_is_changed(call: Call, bench: Bench) -> None:
    file = bench.put("a.py", "a\n")
    lines = ["*** Update File: a.py", "-a", "+b", "*** Add File: new", "+x"]
    for last in (["*** Update File: none", "-a", "+b"], ["*** Delete File: none"]):
        outcome = await call("apply_patch", patch=patch(*lines, *last))
        assert "Nothing was changed: none does not exist" in outcome.content
        assert file.read_text() == "a\n"
        assert os.listdir(bench.root) == ["a.py"]


async def test_what_was_written_is_taken_back_when_a_later_write_fails(
    call: Call, bench: Bench
) -> None:
    file = bench.put("a.py", "a\n")
    file.chmod(0o750)
    bench.put("b", "b\n")
    (bench.root / "dir").mkdir()
    lines = ["*** Update File: a.py", "-a", "+b", "*** Add File: new", "+x"]
    # A name that is free when it is checked, and cannot be made below a file that is.
    outcome = await call(
        "apply_patch", patch=patch(*lines, "*** Add File: f", "+x", "*** Add File: f/g", "+x")
    )
    assert outcome.status == "error"
    assert file.read_text() == "a\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert sorted(os.listdir(bench.root)) == ["a.py", "b", "dir"]


async def test_sections_build_on_one_another(call: Call, bench: Bench) -> None:
    lines = ["*** Add File: a", "+x", "*** Update File: a", "-x", "+y", "*** Update File: a"]
    lines += ["*** Move to: b", "-y", "+z"]
    outcome = await call("apply_patch", patch=patch(*lines))
    assert outcome.status == "ok", outcome.content
    assert (bench.root / "b").read_text() == "z\n"
    assert os.listdir(bench.root) == ["b"]


async def test_nothing_is_moved_over_another_file(call: Call, bench: Bench) -> None:
    bench.put("a", "a\n")
    bench.put("b", "b\n")
    moved = patch("*** Update File: a", "*** Move to: b", "-a", "+c")
    assert "b is there already" in (await call("apply_patch", patch=moved)).content
    assert (bench.root / "a").read_text() == "a\n"


async def test_a_file_that_changed_since_it_was_read_stops_the_patch(
    call: Call, bench: Bench
) -> None:
    file = bench.put("a", "a\nb\n")
    await call("read", path="a")
    file.write_text("a\nc\n")
    outcome = await call("apply_patch", patch=update("a", "-a", "+x"))
    assert "not what you read last" in outcome.content
    assert file.read_text() == "a\nc\n"
    assert (await call("apply_patch", patch=update("a", "-a", "+x"))).status == "ok"


async def test_the_workspace_holds_for_every_path(call: Call, bench: Bench) -> None:
    (bench.root.parent / "out").write_text("a\n")
    for text in (
        patch("*** Add File: ../new", "+x"),
        patch("*** Delete File: ../out"),
        update("../out", "-a", "+b"),
        patch(
            "*** Add File: a", "+x", "*** Update File: a", "*** Move to: .git/hooks/x", "-x", "+y"
        ),
    ):
        outcome = await call("apply_patch", patch=text)
        assert outcome.status == "error"
        assert "workspace" in outcome.content or "may not be written" in outcome.content
    assert (bench.root.parent / "out").read_text() == "a\n"
    assert os.listdir(bench.root) == []


def test_what_it_touches_is_what_the_patch_names_and_nothing_is_hidden() -> None:
    text = patch(
        "  *** Add File: a", "+x", "*** Update File: b", "*** Move to: c", "-x", "+y"
    ).replace("*** End", "*** Delete File: d\n*** End")
    assert ApplyPatch().target(PatchArgs(patch=text)) == "a, b, d, c"
    assert ApplyPatch().target(PatchArgs(patch="no patch")) == "(no file)"


async def test_a_line_of_a_file_does_not_end_the_patch(call: Call, bench: Bench) -> None:
    file = bench.put("guide.md", "*** Begin Patch\n*** End Patch\ntwo\n")
    lines = (" *** Begin Patch", " *** End Patch", "-two", "+three")
    outcome = await call("apply_patch", patch=update("guide.md", *lines))
    assert outcome.status == "ok", outcome.content
    assert file.read_text() == "*** Begin Patch\n*** End Patch\nthree\n"


async def test_one_that_is_cut_off_after_such_a_line_does_nothing(call: Call, bench: Bench) -> None:
    file = bench.put("guide.md", "one\n*** End Patch\ntwo\n")
    cut = "*** Begin Patch\n*** Update File: guide.md\n-one\n *** End Patch\n"
    outcome = await call("apply_patch", patch=cut)
    assert "cut off" in outcome.content
    assert file.read_text() == "one\n*** End Patch\ntwo\n"


async def test_several_patches_in_one_call_are_one(call: Call, bench: Bench) -> None:
    one, two = bench.put("1", "a\n"), bench.put("2", "b\n")
    both = update("1", "-a", "+A") + "\n\n" + update("2", "-b", "+B")
    outcome = await call("apply_patch", patch=both)
    assert (one.read_text(), two.read_text()) == ("A\n", "B\n")
    assert outcome.display.target == "1, 2"
    refused = await call("apply_patch", patch=both.replace("-b", "-zzz").replace("-a", "-A"))
    assert refused.status == "error"
    assert (one.read_text(), two.read_text()) == ("A\n", "B\n")
