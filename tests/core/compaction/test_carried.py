"""What a new summary leaves out of the one before is kept beside it."""

from __future__ import annotations

from ion_core.compaction.carried import HEADING, carried

PRIOR = """## Goal
- ship the importer
## Current state
- done: parser of lines
## Decisions and why
- use sqlite, as it is one file
## Failed approaches
- regular expressions for nested quotes: they cannot nest
## Facts and values
- port is 8931
## Next step
- write docs"""


def test_what_is_lost_stands_behind_it_word_for_word() -> None:
    made = carried(PRIOR, "## Goal\n- ship the importer\n## Facts and values\n(none)", most=1_000)
    assert made.endswith(
        f"## {HEADING}\n- port is 8931\n"
        "- regular expressions for nested quotes: they cannot nest\n- use sqlite, as it is one file"
    )


def test_what_is_said_again_in_other_words_is_not_doubled() -> None:
    said = "- sqlite it is (use of one file)\n- port 8931\n- nested quotes cannot nest by regular "
    said += "expressions"
    summary = f"## Goal\n- ship the importer\n## Facts and values\n{said}"
    assert carried(PRIOR, summary, most=1_000) == summary


def test_a_number_that_is_gone_is_not_said_again() -> None:
    prior = "## Facts and values\n- the database listens on port 5433 of the build machine"
    summary = "## Facts and values\n- the database listens on a port of the build machine"
    assert "5433" in carried(prior, summary, most=1_000)


def test_it_lasts_over_checkpoints_and_the_oldest_goes_first() -> None:
    prior = PRIOR
    for number in range(40):
        fresh = (
            f"## Goal\n- (none)\n## Decisions and why\n- picked variant_{number} of module_{number}"
        )
        prior = carried(prior, fresh, most=400)
    assert "variant_38" in prior
    assert "variant_39" in prior
    assert "8931" not in prior
    assert len(prior) < 400 * 4 + 400


def test_the_first_checkpoint_is_left_as_it_is() -> None:
    assert carried("", "## Goal\n- a", most=100) == "## Goal\n- a"
