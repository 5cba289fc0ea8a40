"""Payloads of hostile text: none of their controls reaches the screen, however they are cut."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest

from ion_tui.render.sanitize import MARKS, Sanitizer, sanitize

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "ansi.jsonl").read_text("utf-8").splitlines()
]
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufeff\uffa0\ud800-\udfff\U000e0000-\U000e007f]"
)


def positions(length: int) -> list[int]:
    """Every position to cut at; of a very long payload the ends and every 97th between them."""
    every = range(length + 1)
    return [at for at in every if length < 2_000 or not 200 < at < length - 200 or at % 97 == 0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_no_control_of_a_payload_comes_out_however_it_is_cut(row: dict[str, str]) -> None:
    payload, whole = row["payload"], sanitize(row["payload"])
    assert not FORBIDDEN.search(whole)
    assert row.get("visible_must_contain", "") in whole
    for at in positions(len(payload)):
        sanitizer = Sanitizer()
        shown = sanitizer.feed(payload[:at]) + sanitizer.feed(payload[at:]) + sanitizer.close()
        assert shown == whole


def test_a_carriage_return_never_overwrites_what_stands_before_it() -> None:
    assert sanitize("harmless\rrm -rf /\r\nend") == "harmless\nrm -rf /\nend"


def test_a_sequence_that_never_ends_swallows_nothing() -> None:
    assert sanitize("before \x1b]0;title and text") == "before ␛0;title and text"


def test_direction_overrides_are_shown_by_their_number() -> None:
    assert sanitize("rm \u202e/ fr-") == "rm ⟨U+202E⟩/ fr-"


def test_joiners_stay_where_they_belong_to_the_writing() -> None:
    family, persian = "👨\u200d👩\u200d👧", "می\u200cخواهم"
    assert sanitize(family) == family
    assert sanitize(persian) == persian
    assert sanitize("x\u200dy") == "x⟨U+200D⟩y"


def test_a_letter_carries_eight_marks_at_most() -> None:
    shown = sanitize("e" + "\u0301" * 500)
    assert sum(unicodedata.combining(char) > 0 for char in shown) == MARKS


def test_ordinary_text_is_returned_as_it_is() -> None:
    text = "plain\ttext\nwith ümlauts, 日本語 and 👍🏽"
    assert sanitize(text) is text
