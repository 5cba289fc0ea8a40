"""Long output keeps its beginning and its end, and says what is missing."""

from __future__ import annotations

import time

from ion_core.tools.truncate import Excerpt, clip, plain


def test_short_text_is_left_alone() -> None:
    assert clip("one\ntwo", 1_000) == "one\ntwo"


def test_long_text_is_cut_at_line_ends() -> None:
    text = "".join(f"line {n}\n" for n in range(10_000))
    cut = clip(text, 5_000, "/spill/x.txt")
    assert len(cut) <= 5_000
    head, _, tail = cut.partition("[… ")
    assert head.endswith("\n")
    assert tail.endswith("line 9999\n")
    assert "everything is in /spill/x.txt" in tail
    kept = [line for line in cut.splitlines() if not line.startswith("[…")]
    assert all(line.startswith("line ") for line in kept)
    assert len(head) > len(tail)


def test_the_missing_characters_are_counted() -> None:
    text = "x" * 50_000
    cut = clip(text, 5_000)
    assert f"[… {50_000 - cut.count('x'):,} characters left out …]" in cut


def test_one_endless_line_is_still_cut() -> None:
    assert len(clip("x" * 1_000_000, 5_000)) <= 5_000


def test_pieces_give_the_same_as_the_whole() -> None:
    text = "".join(f"{n}\n" for n in range(30_000))
    excerpt = Excerpt(4_000)
    for start in range(0, len(text), 777):
        excerpt.feed(text[start : start + 777])
    assert excerpt.text() == clip(text, 4_000)


def test_escapes_and_controls_are_removed() -> None:
    text = (
        "\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\x08!\tok\n"
    )
    assert plain(text) == "red link!\tok\n"


def test_an_overwritten_line_shows_its_last_state() -> None:
    assert plain("10%\r50%\r100%\r\nnext\r\n") == "100%\nnext\n"


def test_a_long_line_with_many_returns_takes_no_time_to_speak_of() -> None:
    started = time.process_time()
    plain("x" * 100_000 + "\r" + "y" * 100_000 + "\x1b" * 1_000)
    assert time.process_time() - started < 5
