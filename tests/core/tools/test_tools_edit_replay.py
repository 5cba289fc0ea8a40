"""Every successful edit of real recorded sessions, made again by the edit tool's own matching.

Each was recorded with the difference that it made: numbered lines before and after, with gaps.
From these come the file around the edit, and what it must be afterwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ion_core.tools.edit_match import NoMatch, replaced

TRANSCRIPTS = Path(__file__).parents[4] / "shared" / "transcripts"
NAMES = ("pi-before-compaction", "pi-large-session")
GAP = "\x00 lines that were not recorded \x00"


def edits(name: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The arguments of each edit that went well, and the difference it made."""
    calls: dict[str, dict[str, Any]] = {}
    with (TRANSCRIPTS / f"{name}.jsonl").open(encoding="utf-8") as file:
        messages = [json.loads(line).get("message") or {} for line in file]
    for message in messages:
        if message.get("role") == "assistant":
            parts = message["content"]
            calls |= {part["id"]: part for part in parts if part.get("type") == "toolCall"}
        elif message.get("role") == "toolResult" and not message.get("isError"):
            call = calls.get(message["toolCallId"], {})
            if call.get("name") == "edit":
                yield call["arguments"], message["details"]["diff"]


def sides(diff: str) -> tuple[str, str]:
    """The file before and after, as far as a difference shows it."""
    before, after = [], []
    for line in diff.split("\n"):
        numbered = re.match(r"([ +-]) *\d+ (.*)", line, re.DOTALL)
        sign, text = numbered.groups() if numbered else (" ", GAP)
        before += [text] * (sign != "+")
        after += [text] * (sign != "-")
    return "\n".join(before), "\n".join(after)


def replay(name: str) -> tuple[int, int, int, list[str]]:
    """Of how many edits, how many could be made again, how many came out as recorded, and what
    became of the others."""
    every = rebuilt = same = 0
    failures = []
    for arguments, diff in edits(name):
        before, after = sides(diff)
        old, new = str(arguments["oldText"]), str(arguments["newText"])
        every += 1
        if "".join(old.split()) not in "".join(before.split()):
            continue  # part of it is in a gap
        rebuilt += 1
        try:
            # What was replaced may hold lines that nothing shows after a deletion at the end.
            result = replaced(before + "\n", old, new).text
            assert result == after + "\n" or result.rstrip("\n") == after.rstrip("\n")
            same += 1
        except (NoMatch, AssertionError) as error:
            failures.append(f"{arguments['path']}: {error}\n{old}")
    return every, rebuilt, same, failures


@pytest.mark.parametrize("name", NAMES)
def test_recorded_edits_can_be_made_again(name: str) -> None:
    if not TRANSCRIPTS.exists():
        pytest.skip("the recorded transcripts are not beside this checkout")
    every, rebuilt, same, failures = replay(name)
    assert rebuilt >= 0.7 * every
    assert same == rebuilt, "\n\n".join(failures)
