"""The write tool: the new file or the old one, never half of one."""

from __future__ import annotations

import os
import stat

import pytest
from tools_bench import Bench, Call


async def test_a_new_file_gets_its_folders(call: Call, bench: Bench) -> None:
    outcome = await call("write", path="a/b/c.txt", content="one\ntwo\n")
    assert (bench.root / "a/b/c.txt").read_text() == "one\ntwo\n"
    assert outcome.content == "Created a/b/c.txt (2 lines)."
    assert outcome.display.summary == "+2 −0"


async def test_a_replaced_file_shows_what_changed(call: Call, bench: Bench) -> None:
    bench.put("a.txt", "one\ntwo\n")
    outcome = await call("write", path="a.txt", content="one\nthree\n")
    assert outcome.display.summary == "+1 −1"
    assert outcome.display.diff.splitlines()[:2] == ["--- a/a.txt", "+++ b/a.txt"]
    assert "-two\n+three" in outcome.display.diff
    assert "-two\n+three" in outcome.content


async def test_mode_is_kept_and_nothing_else_is_left(call: Call, bench: Bench) -> None:
    file = bench.put("run.sh", "old")
    file.chmod(0o751)
    await call("write", path="run.sh", content="new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o751
    assert os.listdir(bench.root) == ["run.sh"]


async def test_a_new_file_has_the_usual_mode(call: Call, bench: Bench) -> None:
    bench.put("usual", "")
    await call("write", path="made", content="")
    assert (bench.root / "made").stat().st_mode == (bench.root / "usual").stat().st_mode


async def test_a_link_inside_stays_and_its_target_changes(call: Call, bench: Bench) -> None:
    bench.put("real.txt", "old")
    (bench.root / "link.txt").symlink_to("real.txt")
    await call("write", path="link.txt", content="new")
    assert (bench.root / "link.txt").is_symlink()
    assert (bench.root / "real.txt").read_text() == "new"


async def test_content_is_written_byte_for_byte(call: Call, bench: Bench) -> None:
    content = "\ufeffa\r\nb\n界\x00\u2028"
    await call("write", path="a", content=content)
    assert (bench.root / "a").read_bytes() == content.encode()


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("../out.txt", "outside"),
        ("/etc/ion-test", "outside"),
        (".git/hooks/pre-commit", "may not be written"),
        ("folder", "is a folder"),
        ("file/below", "is a file"),
        ("", "empty"),
    ],
)
async def test_a_refused_write_says_why(call: Call, bench: Bench, path: str, word: str) -> None:
    bench.put("folder/x", "")
    bench.put("file", "kept")
    outcome = await call("write", path=path, content="x")
    assert outcome.status == "error"
    assert word in outcome.content
    assert (bench.root / "file").read_text() == "kept"


async def test_half_a_character_is_refused(call: Call, bench: Bench) -> None:
    outcome = await call("write", path="a", content="\ud800")
    assert "surrogate" in outcome.content
    assert not (bench.root / "a").exists()


async def test_a_binary_file_may_be_replaced(call: Call, bench: Bench) -> None:
    bench.put("a", b"\0\1\2")
    assert (await call("write", path="a", content="text\n")).status == "ok"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\r\nb\r\n", b"x\r\n\xc3\xbc\r\n"),
        (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfx\n\xc3\xbc\n"),
        ("\ufeffa\n".encode("utf-16-le"), "\ufeffx\n\u00fc\n".encode("utf-16-le")),
        ("\ufeffa\r\n".encode("utf-16-be"), "\ufeffx\r\n\u00fc\r\n".encode("utf-16-be")),
        ("sch\u00f6n\n".encode("cp1252"), "x\n\u00fc\n".encode("cp1252")),
    ],
)
async def test_a_replaced_file_stays_of_its_kind(
    call: Call, bench: Bench, before: bytes, after: bytes
) -> None:
    file = bench.put("a", before)
    assert (await call("write", path="a", content="x\nü\n")).status == "ok"
    assert file.read_bytes() == after


async def test_content_with_line_ends_of_its_own_is_kept(call: Call, bench: Bench) -> None:
    file = bench.put("a", b"a\r\nb\r\n")
    await call("write", path="a", content="x\r\ny\n")
    assert file.read_bytes() == b"x\r\ny\n"


async def test_what_an_old_encoding_cannot_say_is_written_as_utf8(call: Call, bench: Bench) -> None:
    file = bench.put("a", "schön\n".encode("cp1252"))
    await call("write", path="a", content="界\n")
    assert file.read_text("utf-8") == "界\n"


async def test_a_file_that_changed_since_it_was_read_is_not_overwritten(
    call: Call, bench: Bench
) -> None:
    file = bench.put("a", "one\n")
    await call("read", path="a")
    file.write_text("two\n")
    outcome = await call("write", path="a", content="three\n")
    assert outcome.status == "error"
    assert "-one\n+two" in outcome.content
    assert file.read_text() == "two\n"
