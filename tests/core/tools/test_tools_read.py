"""The read tool: pages of numbered lines, and useful answers for the rest."""

from __future__ import annotations

import asyncio
import io
import json
import os
import struct
import tracemalloc
import zlib

import pytest
from tools_bench import Bench, Call

from ion_core.errors import ConfigError
from ion_core.messages import Image
from ion_core.tools.pdf import pages


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


async def test_an_older_encoding_is_understood(call: Call, bench: Bench) -> None:
    bench.put("a", b"caf\xe9\n")
    assert (await call("read", path="a")).content == "1\tcafé"


async def test_bytes_that_are_no_text_within_text_are_shown_as_such(
    call: Call, bench: Bench
) -> None:
    bench.put("a", "grüße 界 ".encode() + b"\xff\n")
    assert (await call("read", path="a")).content == "1\tgrüße 界 \ufffd"


async def test_a_binary_file_is_described(call: Call, bench: Bench) -> None:
    bench.put("a.out", b"\x7fELF\x02\x01\0\0")
    outcome = await call("read", path="a.out")
    assert outcome.status == "ok"
    assert "not text (8 bytes; an ELF program or library; changed 20" in outcome.content
    assert "0000  7f 45 4c 46 02 01 00 00" in outcome.content


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


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("last", [1, 3, 99, 100, 500])
async def test_a_negative_offset_reads_the_end(
    call: Call, bench: Bench, last: int, end: str
) -> None:
    lines = [f"line {number} {'x' * 2000}" for number in range(1, 101)]
    bench.put("a", "\n".join(lines) + end)
    outcome = await call("read", path="a", offset=-last, limit=3)
    first = max(1, 101 - last)
    expected = [f"{n}\t{lines[n - 1][:2000]}" for n in range(first, min(101, first + 3))]
    shown = [line.partition("…")[0] for line in outcome.content.split("\n") if line[0] != "["]
    assert shown == expected


async def test_the_end_of_an_old_encoding_is_read_too(call: Call, bench: Bench) -> None:
    bench.put("a", "\ufeffone\r\nzwei ü\r\n".encode("utf-16-le"))
    assert (await call("read", path="a", offset=-1)).content == "2\tzwei ü"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0"),
        ("a", b"GIF89a\0"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 "),
    ],
)
async def test_a_picture_is_seen(call: Call, bench: Bench, name: str, data: bytes) -> None:
    bench.put(name, data)
    outcome = await call("read", path=name)
    assert bench.pictures == [data]
    assert [image.sha256 for image in outcome.images] == ["1"]
    assert f"picture, {len(data)} bytes" in outcome.content


async def test_text_that_begins_like_a_picture_is_text(call: Call, bench: Bench) -> None:
    bench.put("a.md", "GIFs are pictures.\n")
    outcome = await call("read", path="a.md")
    assert (outcome.content, outcome.images) == ("1\tGIFs are pictures.", ())


NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# Title\n", "words"]},
        {
            "cell_type": "code",
            "execution_count": 3,
            "source": "print(1)",
            "outputs": [
                {"output_type": "stream", "text": ["1\n"]},
                {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo=\n"}},
                {"output_type": "error", "traceback": ["\x1b[31mValueError\x1b[0m: no"]},
            ],
        },
    ],
}


async def test_a_notebook_is_read_as_cells(call: Call, bench: Bench) -> None:
    bench.put("a.ipynb", json.dumps(NOTEBOOK))
    outcome = await call("read", path="a.ipynb")
    assert [line.partition("\t")[2] for line in outcome.content.split("\n")][1:] == [
        "[cell 1: markdown]",
        "# Title",
        "words",
        "[cell 2: code, run 3]",
        "print(1)",
        "[output]",
        "1",
        "[picture 1]",
        "[output]",
        "ValueError: no",
    ]
    assert bench.pictures == [b"\x89PNG\r\n\x1a\n"]
    assert len(outcome.images) == 1


@pytest.mark.parametrize("text", ["{not json", '{"cells": 3}', "{}", '{"cells": "ab"}'])
async def test_a_broken_notebook_is_text(call: Call, bench: Bench, text: str) -> None:
    bench.put("a.ipynb", text)
    content = (await call("read", path="a.ipynb")).content
    assert content.endswith(text) or "0 cells" in content


def a_pdf(*pages: str) -> bytes:
    """A PDF file (ISO 32000-1) with a line of text on each page."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for index, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET" if text else ""
        objects += [
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {5 + 2 * index} 0 R>>",
            f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        ]
    body, places = "%PDF-1.4\n", []
    for number, written in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj{written}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    body += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    return body.encode()


async def test_a_pdf_file_is_read_by_pages(call: Call, bench: Bench) -> None:
    bench.put("a.pdf", a_pdf("one", "", "three"))
    content = (await call("read", path="a.pdf")).content
    assert content == "[page 1]\none\n[page 2]\n(no text: it is picture 1)\n[page 3]\nthree"
    assert len(bench.pictures) == 1
    first = await call("read", path="a.pdf", limit=1)
    also = "[page 1; it is also picture 1]"
    assert first.content == f"{also}\none\n[pages 1–1 of 3; go on with offset=2]"
    assert first.display.summary == "1 of 3 pages, 1 as picture"
    assert (await call("read", path="a.pdf", offset=-1)).content == "[page 3]\nthree"
    assert "has 3 pages" in (await call("read", path="a.pdf", offset=4)).content


async def test_a_broken_pdf_file_is_an_answer_and_says_nothing_elsewhere(
    call: Call, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.put("a.pdf", a_pdf("one")[:120])
    outcome = await call("read", path="a.pdf")
    assert outcome.status == "error"
    assert "could not be read as a PDF file" in outcome.content
    assert capfd.readouterr() == ("", "")


def size_of(png: bytes) -> tuple[int, ...]:
    return struct.unpack(">II", png[16:24])


async def test_pages_are_seen_at_the_size_that_models_look_at(call: Call, bench: Bench) -> None:
    bench.put("a.pdf", a_pdf("black letters"))
    outcome = await call("read", path="a.pdf", limit=1)
    assert len(outcome.images) == 1
    [png] = bench.pictures
    width, height = size_of(png)
    assert (height, abs(width - 1568 * 612 / 792) < 2) == (1568, True)
    start = png.index(b"IDAT")
    pixels = zlib.decompress(png[start + 4 : start + 4 + int.from_bytes(png[start - 4 : start])])
    assert len(pixels) == height * (1 + 3 * width)
    assert {0, 255} <= set(pixels)


async def test_of_many_scans_four_pages_are_seen_and_the_way_on_is_said(
    call: Call, bench: Bench
) -> None:
    bench.put("a.pdf", a_pdf(*[""] * 6))
    outcome = await call("read", path="a.pdf")
    assert len(outcome.images) == 4
    assert "[page 4]\n(no text: it is picture 4)\n[page 5]\n(no text: perhaps" in outcome.content
    assert outcome.content.endswith("[to see more pages: offset=5, limit=4]")
    last = await call("read", path="a.pdf", offset=5, limit=4)
    assert len(last.images) == 2
    assert last.display.summary == "2 of 6 pages, 2 as pictures"


async def test_a_picture_that_is_too_large_is_made_smaller(bench: Bench) -> None:
    tried: list[tuple[int, ...]] = []

    def keep(data: bytes) -> Image:
        tried.append(size_of(data))
        if len(tried) < 3:
            raise ConfigError("too large")
        return Image(media_type="image/png", sha256="1")

    outcome = pages(io.BytesIO(a_pdf("")), 1, 1, "a.pdf", keep)
    assert [height for _, height in tried] == [1568, 1092, 768]
    assert len(outcome.images) == 1


async def test_pages_of_several_files_are_drawn_at_the_same_time(call: Call, bench: Bench) -> None:
    for number in range(6):
        bench.put(f"{number}.pdf", a_pdf("", ""))
    read = [call("read", path=f"{number}.pdf") for number in range(6)]
    assert [len(outcome.images) for outcome in await asyncio.gather(*read)] == [2] * 6
