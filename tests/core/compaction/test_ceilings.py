"""How much may be sent, and what is learnt from refusals."""

from __future__ import annotations

import pytest

from ion_core.compaction.ceilings import ASSUMED_WINDOW, ceilings, learned_window


def test_a_large_window_is_full_at_85_per_cent() -> None:
    limits = ceilings(200_000, 64_000)
    assert (limits.hard, limits.soft, limits.summary) == (180_000, 170_000, 4_000)
    assert limits.goal == 85_000


def test_in_a_small_window_the_answer_leaves_less() -> None:
    limits = ceilings(32_000, 32_000)
    assert (limits.summary, limits.hard) == (3_200, 20_800)
    assert limits.soft == limits.hard


def test_a_limit_of_the_persons_own_holds_below_that() -> None:
    assert ceilings(200_000, soft_limit=80_000).soft == 80_000
    assert ceilings(32_000, soft_limit=80_000).soft == 20_800


def test_a_checkpoint_may_be_given_a_size() -> None:
    free, held = ceilings(200_000), ceilings(200_000, checkpoint=2_000)
    assert (free.summary, free.ledgers) == (4_000, 34_000)
    assert (held.summary, held.ledgers) == (800, 800)
    assert ceilings(200_000, checkpoint=100_000).summary == 4_000


def test_a_window_that_nobody_knows_is_assumed_and_said_to_be() -> None:
    limits = ceilings(0)
    assert (limits.window, limits.assumed) == (ASSUMED_WINDOW, True)


@pytest.mark.parametrize(
    ("sentence", "sent", "window"),
    [
        ("prompt is too long: 210345 tokens > 200000 maximum", 209_000, 200_000),
        ("maximum context length is 8,192 tokens, you requested 9,014 tokens", 9_000, 8_192),
        ("request (9014 tokens) exceeds the available context size (8192 tokens)", 9_000, 8_192),
        ("the conversation is too long", 9_000, 0),
        ("error 400 at line 12", 9_000, 0),
    ],
)
def test_a_refusal_teaches_the_window(sentence: str, sent: int, window: int) -> None:
    assert learned_window(sentence, sent) == window
