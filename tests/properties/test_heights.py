"""The height index agrees with plain sums after any changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ion_tui.render.heights import Heights

changes = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("set"), st.integers(0, 9), st.integers(0, 99)),
        st.tuples(st.just("cut"), st.just(0), st.integers(0, 99)),
    ),
    max_size=60,
)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), changes, st.integers(0, 300))
def test_heights_are_sums(start: list[int], steps: list[tuple[str, int, int]], row: int) -> None:
    plain, index = list(start), Heights(start)
    for what, height, at in steps:
        if what == "append" or not plain:
            plain.append(height)
            index.append(height)
        elif what == "set":
            plain[at % len(plain)] = height
            index.set(at % len(plain), height)
        else:
            kept = at % len(plain) + 1
            del plain[kept:]
            index.cut(kept)
    assert [index.before(n) for n in range(len(plain) + 1)] == [
        sum(plain[:n]) for n in range(len(plain) + 1)
    ]
    block, offset = index.find(row)
    assert index.before(block) + offset == row
    assert row >= index.total or offset < plain[block]
