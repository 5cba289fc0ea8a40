"""The read tool: pages of numbered lines, and useful answers for the rest."""

from __future__ import annotations

import os
import tracemalloc

import pytest
from tools_bench import Bench, Call


async def test_lines_come_numbered(call: Call, bench: Bench) -> None:
    bench.put("src/a.py", "one\ntwo\n")
    outcome = await call("read", path="src/a.py")
    assert outcome.content == "1\tone\n2\ttwo"
    assert (outcome.display.target, outcome.display.summary) == ("src/a.py", "2 lines")


async def test_a_page_says_how_to_go_on_and_the_last_one_does_not(call: Call, bench: Bench) -> None:
    bench.put("a", "".join(f"line {n}\n" for n in range(1, 11)))
    first = await call("read", path="a", offset=3, limit=4)
    assert first.content.splitlines()[0] == "3\tline 3"
    assert first.content.endswith("[lines 3–6 of 10; go on with offset=7]")
    last = await call("read", path="a", offset=7)
    assert last.content.endswith("10\tline 10")


async def test_pages_put_together_are_the_file(call: Call, bench: Bench) -> None:
    lines = [f"{n} {'x' * (n % 97)}" for n in range(1, 6001)]
    bench.put("a", "\n".join(lines))
    seen: list[str] = []
    while len(seen) < len(lines):
        outcome = await call("read", path="a", offset=len(seen) + 1)
        assert len(outcome.content) <= 30_000
        page = [line for line in outcome.content.splitlines() if not line.startswith("[")]
        seen += [line.partition("\t")[2] for line in page]
    assert seen == lines


async def test_a_long_line_is_cut(call: Call, bench: Bench) -> None:
    bench.put("a", "x" * 1_000_000 + "\nnext\n")
    outcome = await call("read", path="a")
    assert len(outcome.content) < 3_000
    assert "the line has 1,000,000 characters" in outcome.content
    assert outcome.content.endswith("2\tnext")


async def test_a_huge_file_is_never_in_memory(call: Call, bench: Bench) -> None:
    file = bench.put("a", "line\n" * 2_000)
    with file.open("r+b") as opened:
        opened.truncate(1 << 30)
    tracemalloc.start()
    try:
        outcome = await call("read", path="a", limit=2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert outcome.content == "1\tline\n2\tline\n[lines 1–2 of more; go on with offset=3]"
    assert peak < 4_000_000


@pytest.mark.parametrize(
    "data",
    [
        "grüße 界\n".encode(),
        b"\xef\xbb\xbf" + "grüße 界\n".encode(),
        b"\xff\xfe" + "grüße 界\n".encode("utf-16-le"),
        b"\xfe\xff" + "grüße 界\r\n".encode("utf-16-be"),
        "grüße 界\r\n".encode(),
    ],
)
async def test_text_is_read_whatever_its_encoding(call: Call, bench: Bench, data: bytes) -> None:
    bench.put("a", data)
    assert (await call("read", path="a")).content == "1\tgrüße 界"


async def test_bytes_that_are_no_utf8_are_shown_as_such(call: Call, bench: Bench) -> None:
    bench.put("a", b"caf\xe9\n")
    assert (await call("read", path="a")).content == "1\tcaf\ufffd"


async def test_a_binary_file_is_described(call: Call, bench: Bench) -> None:
    bench.put("a.png", b"\x89PNG\r\n\x1a\n\0\0\0")
    outcome = await call("read", path="a.png")
    assert outcome.status == "error"
    assert "not text (11 bytes)" in outcome.content
    assert "89 50 4e 47" in outcome.content


async def test_an_empty_file_is_no_error(call: Call, bench: Bench) -> None:
    bench.put("a", "")
    outcome = await call("read", path="a")
    assert (outcome.status, outcome.content) == ("ok", "a is empty.")


async def test_an_offset_past_the_end_is_explained(call: Call, bench: Bench) -> None:
    bench.put("a", "one\ntwo\n")
    outcome = await call("read", path="a", offset=9)
    assert outcome.content == "a has 2 lines; offset 9 is past them."


async def test_a_folder_is_sent_to_list(call: Call, bench: Bench) -> None:
    bench.put("src/a", "")
    outcome = await call("read", path="src")
    assert outcome.status == "error"
    assert "Use list" in outcome.content


async def test_a_wrong_name_is_answered_with_the_right_one(call: Call, bench: Bench) -> None:
    bench.put("src/settings.py", "")
    outcome = await call("read", path="src/setings.py")
    assert "Did you mean src/settings.py?" in outcome.content


async def test_a_file_that_may_not_be_read_is_answered(call: Call, bench: Bench) -> None:
    bench.put("a", "x").chmod(0)
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    assert "Permission denied" in (await call("read", path="a")).content
