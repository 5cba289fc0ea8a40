"""Laws of replacing: outside the span nothing changes, whatever is in the file."""

from __future__ import annotations

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
    result = replaced(text, old, new)
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
    result = replaced(text, old, old + "\n!")
    assert result.replace("\r\n", "").count("\n") == 0 or "\r\n" not in text


@given(text=pieces, old=pieces.filter(bool))
def test_it_is_replaced_once_or_refused(text: str, old: str) -> None:
    found = text.replace("\r\n", "\n").count(old.replace("\r\n", "\n"))
    if found == 1:
        assert "<new>" in replaced(text, old, "<new>")
    else:
        with pytest.raises(NoMatch):
            replaced(text, old, "<new>")


@given(texts=st.lists(pieces, min_size=2, max_size=5), old=pieces.filter(bool))
def test_everywhere_means_what_python_means(texts: list[str], old: str) -> None:
    text = old.join(texts)
    plain, wanted = text.replace("\r\n", "\n"), old.replace("\r\n", "\n")
    assume(wanted in plain)
    result = replaced(text, old, "<new>", everywhere=True)
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
    assume(encoding is not None and encoding.codec == "utf-8")
    assert encoding is not None
    assert encoding.encode(encoding.decode(data)) == data


@given(text=st.text(max_size=50), codec=st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_wide_text_comes_back_too(text: str, codec: str) -> None:
    data = ("\ufeff" + text).encode(codec)
    encoding = encoding_of(data)
    assert encoding is not None
    assert encoding.decode(data) == text
    assert encoding.encode(text) == data
