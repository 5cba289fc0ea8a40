"""Every key is found on its line, whatever stands around it."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from ion_core.config.lines import key_lines, line_of, split_key
from ion_core.config.names import dotted
from ion_core.config.scope import leaves

TRICKY = '''\
# [not.a.table]
a = """
b = 1
"""   # the end
"c.d" . e = 'x # y'
list = [
  1, # one
  { deep = [ "]", { deeper = "}" } ] },
]
[x.y]
when = 2026-11-22T10:00:00Z
big = 1_000
q = "a \\" [z]"
[[many]]
n = 1
[many.sub]
m = 2
[[many]]
n = 3
[many.sub]
m = 4
'''


def test_strings_comments_and_nesting_do_not_confuse_it():
    lines = key_lines(TRICKY)
    assert ("b",) not in lines
    assert lines["a",] == 2
    assert lines["c.d", "e"] == 5
    assert lines["list", 1, "deep", 1, "deeper"] == 8
    assert (lines["x", "y"], lines["x", "y", "q"]) == (10, 13)
    assert (lines["many", 0, "n"], lines["many", 1, "n"]) == (15, 19)
    assert (lines["many", 0, "sub", "m"], lines["many", 1, "sub", "m"]) == (17, 21)
    assert line_of(lines, ("x", "y", "absent")) == 10
    assert line_of(lines, ("absent",)) == 0


_VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4), _VALUES, max_size=4))
def test_every_key_of_any_document_has_a_line(values):
    text = tomlkit.dumps(values)
    lines = key_lines(text)
    for path, _ in leaves(tomllib.loads(text)):
        assert path in lines or path == ()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1))
def test_a_written_key_is_read_back(names):
    path = tuple(names)
    assert split_key(dotted(path)) == path


@pytest.mark.parametrize("text", ["", "a..b", "a b", ".a", "a.", '"a'])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="not a key"):
        split_key(text)
