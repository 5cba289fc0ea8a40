"""Laws of replacing: outside the span nothing changes, whatever is in the file."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ion_core.tools.edit_match import NoMatch, replaced
from ion_core.tools.text import Lines, encoding_of

pieces = st.text(alphabet="ab \t\r\né界\u2028", max_size=30)
written = st.lists(st.sampled_from(["a", " ", "é", "\n", "\r\n"]), max_size=20).map("".join)


@given(before=pieces, span=pieces, after=pieces, new=written)
def test_what_is_around_the_span_stays(before: str, span: str, after: str, new: str) -> None:
    text = before + "<" + span + ">" + after
    old = f"<{span}>"
    assume(old.replace("\r\n", "\n") != new.replace("\r\n", "\n"))
    result = replaced(text, old, new).text
    assert result.startswith(before)
    assert result.endswith(after)
    inserted = result[len(before) : len(result) - len(after)]
    assert inserted.replace("\r\n", "\n") == new.replace("\r\n", "\n")


@given(before=pieces, span=pieces, after=pieces)
def test_a_model_that_writes_plain_line_ends_finds_windows_ones(
    before: str, span: str, after: str
) -> None:
    text = f"{before}<{span}>{after}".replace("\r", "").replace("\n", "\r\n")
    old = f"<{span}>".replace("\r", "")
    result = replaced(text, old, old + "\n!").text
    assert result.replace("\r\n", "").count("\n") == 0 or "\r\n" not in text


def text_with(plain: str, text: str, wanted: str) -> str:
    lines, at = Lines(text), plain.index(wanted)
    return text[: lines.position(at)] + "<new>" + text[lines.position(at + len(wanted)) :]


@given(text=pieces, old=pieces.filter(bool))
def test_it_is_replaced_once_or_refused(text: str, old: str) -> None:
    plain, wanted = text.replace("\r\n", "\n"), old.replace("\r\n", "\n")
    found = sum(plain.startswith(wanted, index) for index in range(len(plain)))
    if found == 1:
        assert replaced(text, old, "<new>") == (text_with(plain, text, wanted), "")
    elif found:
        with pytest.raises(NoMatch):
            replaced(text, old, "<new>")
    else:
        with suppress(NoMatch):
            assert replaced(text, old, "<new>").how


@given(texts=st.lists(pieces, min_size=2, max_size=5), old=pieces.filter(bool))
def test_everywhere_means_what_python_means(texts: list[str], old: str) -> None:
    text = old.join(texts)
    plain, wanted = text.replace("\r\n", "\n"), old.replace("\r\n", "\n")
    assume(wanted in plain)
    result = replaced(text, old, "<new>", everywhere=True).text
    assert result.replace("\r\n", "\n") == plain.replace(wanted, "<new>")


@given(text=pieces)
def test_positions_lead_back_to_the_original(text: str) -> None:
    lines = Lines(text)
    for index, char in enumerate(lines.text):
        original = text[lines.position(index) : lines.position(index + 1)]
        assert original in (char, "\r" + char)
    assert lines.position(len(lines.text)) == len(text)


@given(data=st.binary(max_size=200))
def test_decoding_and_encoding_gives_the_same_bytes(data: bytes) -> None:
    encoding = encoding_of(data)
    assume(encoding is not None and not encoding.codec.startswith("utf-16"))
    assert encoding is not None
    assert encoding.encode(encoding.decode(data)) == data


@given(text=st.text(max_size=50), codec=st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_wide_text_comes_back_too(text: str, codec: str) -> None:
    data = ("\ufeff" + text).encode(codec)
    encoding = encoding_of(data)
    assert encoding is not None
    assert encoding.decode(data) == text
    assert encoding.encode(text) == data


LINES = st.lists(
    st.sampled_from(
        ["def f(x):", "return x", "if x > 1:", "y = f(“q”)", "", "print(x – 1)", "a, b = b, a"]
    ),
    min_size=1,
    max_size=12,
)
GAPS = st.sampled_from(["", "  ", "\t", "    "])


@given(lines=LINES, gaps=st.lists(GAPS, min_size=12, max_size=12), data=st.data())
def test_however_it_is_found_no_other_line_changes(
    lines: list[str], gaps: list[str], data: st.DataObject
) -> None:
    own = [gap + line for gap, line in zip(gaps, lines, strict=False)]
    first = data.draw(st.integers(0, len(own) - 1))
    last = data.draw(st.integers(first + 1, len(own)))
    asked = [line.strip().replace("“", '"').replace("”", '"') for line in own[first:last]]
    assume(asked[-1])  # behind an empty last line, "\n<new>" would begin with an empty line
    old, text = "\n".join(asked), "\n".join(own)
    try:
        result = replaced(text, old, old + "\n<new>")
    except NoMatch:
        return
    rest = result.text.split("\n")
    added = [index for index, line in enumerate(rest) if "<new>" in line]
    assert len(added) == 1
    del rest[added[0]]
    if result.how:
        assert [line.strip() for line in rest] == [line.strip() for line in own]
