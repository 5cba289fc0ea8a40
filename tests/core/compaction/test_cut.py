"""Where a conversation may be cut, and what may be put away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ion_core.compaction.cut import covered, cut
from ion_core.compaction.prune import WORTH, pruning, shortened
from ion_core.compaction.sizes import size, tokens_of
from ion_core.context.reading import reading
from ion_core.entries import Body, Compaction, Message, Pin
from ion_core.messages import user
from tests.fakes.talks import answer, call, path, result, turns


def kept_bodies(bodies: list[Body], keep: int, most: int = 10_000) -> list[Body]:
    kept = cut(path(*bodies), keep=keep, most=most)
    return bodies[len(bodies) - kept :]


def test_a_cut_stands_before_a_prompt_or_an_answer_never_before_a_result() -> None:
    bodies = [user("a"), call("1"), result("1", "x" * 700), call("2"), result("2", "y" * 700)]
    assert kept_bodies(bodies, keep=250) == bodies[3:]
    assert kept_bodies(bodies, keep=430) == bodies[3:]
    assert kept_bodies(bodies, keep=500) == bodies[1:] or kept_bodies(bodies, keep=500) == bodies


def test_the_newest_step_stays_even_when_it_is_longer_than_what_may_stay() -> None:
    bodies = [user("a"), call("1"), result("1", "x" * 7_000)]
    assert kept_bodies(bodies, keep=100) == bodies[1:]
    assert kept_bodies(bodies, keep=100, most=1_000) == []


def test_a_prompt_that_nobody_answered_always_stays() -> None:
    bodies = [user("a"), answer("b"), user("long " * 20_000), Pin(text="p")]
    assert kept_bodies(bodies, keep=10, most=10) == bodies[2:]


def test_a_second_compaction_covers_what_the_first_one_kept() -> None:
    first = Compaction(number=1, summary="s", ledgers="l", kept=2, mode="suffix")
    bodies = [user("a"), answer("b"), user("c"), answer("d"), first, user("e"), answer("f")]
    replaced = covered(path(*bodies), 2)
    assert [entry.body for entry in replaced] == bodies[2:5]


@given(st.integers(1, 12), st.integers(0, 6_000), st.integers(0, 3))
def test_no_call_is_ever_parted_from_its_result(number: int, keep: int, calls: int) -> None:
    bodies = turns(number, calls=calls)
    kept = kept_bodies(bodies, keep)
    assert not kept or (isinstance(kept[0], Message) and kept[0].role != "tool")
    if len(kept) > 3:
        assert sum(size(body) for body in kept if isinstance(body, Message)) <= max(keep, 10_000)


def test_results_that_nobody_has_read_are_not_shortened() -> None:
    read = [call("1"), result("1", "x" * 20_000), answer("so"), user("b")]
    entries = path(user("a"), *read, call("2"), result("2", "y" * 20_000))
    assert [stub.back for stub in shortened(entries, 6, most=1_000, unread=9_000)] == [5]
    assert [stub.back for stub in shortened(entries, 6, most=1_000, unread=1_000)] == [5, 1]


def test_old_results_are_put_away_and_the_newest_are_not() -> None:
    bodies = turns(12, words=2_000)
    entries = path(*bodies)
    put_away = pruning(entries)
    assert put_away.is_worth_it
    after = path(*bodies, put_away.entry(90_000))
    before_size, after_size = (sum(map(size, reading(each))) for each in (entries, after))
    assert before_size - after_size == put_away.saved
    told = reading(after)
    assert "recall e3" in told[2].results[0].content
    assert told[-2].results == reading(entries)[-2].results


def test_what_was_put_away_once_is_not_put_away_again() -> None:
    bodies = turns(12, words=2_000)
    again = path(*bodies, pruning(path(*bodies)).entry(90_000))
    assert pruning(again).stubs == ()


def test_a_file_that_was_read_again_is_put_away_at_once() -> None:
    twice = [user("a")]
    for id_ in ("1", "2"):
        twice += [call(id_, path="a.py"), result(id_, "line " * 10_000)]
    [stub] = pruning(path(*twice)).stubs
    assert stub.back == 3


def test_of_long_results_that_stay_both_ends_do() -> None:
    long = "first\n" + "line " * 5_000 + "\nlast"
    entries = path(user("a"), call("1"), result("1", long), call("2", "todo"), result("2", long))
    [stub] = shortened(entries, 4, most=1_000)
    assert stub.back == 3
    assert stub.text.startswith("first\n")
    assert stub.text.endswith("\nlast")
    assert "tokens put away, recall e3]" in stub.text
    assert 900 < tokens_of(stub.text) < 1_100
    assert shortened(entries, 2, most=1_000) == ()
    assert shortened(entries, 4, most=10_000) == ()


def test_a_few_short_results_are_not_worth_it() -> None:
    assert pruning(path(*turns(3, words=10)), protected=0).saved < WORTH
