"""Every successful edit of real recorded sessions, made again by the edit tool's own matching.

Each was recorded with the difference that it made: numbered lines before and after, with gaps.
From these come the file around the edit, and what it must be afterwards; where the edit reaches
into a gap, what was read or written of the file before.
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


def calls(name: str) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    """Tool, arguments, result and recorded difference of each call that went well."""
    made: dict[str, dict[str, Any]] = {}
    with (TRANSCRIPTS / f"{name}.jsonl").open(encoding="utf-8") as file:
        messages = [json.loads(line).get("message") or {} for line in file]
    for message in messages:
        parts = message.get("content")
        if message.get("role") == "assistant":
            made |= {part["id"]: part for part in parts if part.get("type") == "toolCall"}
        elif message.get("role") == "toolResult" and not message.get("isError"):
            call = made[message["toolCallId"]]
            said = "".join(part.get("text", "") for part in parts)
            diff = (message.get("details") or {}).get("diff", "")
            yield call["name"], call["arguments"], said, diff


def edits(name: str) -> Iterator[tuple[dict[str, Any], str, str]]:
    """The arguments of each edit that went well, the difference it made, and what was read or
    written of its file before, with the edits since."""
    known: dict[str, str] = {}
    for tool, arguments, said, diff in calls(name):
        path = str(arguments.get("path"))
        if tool == "read":
            known[path] = said
        elif tool == "write":
            known[path] = str(arguments["content"])
        elif tool == "edit":
            yield arguments, diff, known.get(path, "")
            old, new = str(arguments["oldText"]), str(arguments["newText"])
            known[path] = known.get(path, "").replace(old, new, 1)


def holds(text: str, wanted: str) -> bool:
    """Whether a text holds another one but for white space."""
    return "".join(wanted.split()) in "".join(text.split())


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
    for arguments, diff, known in edits(name):
        before, after = sides(diff)
        old, new = str(arguments["oldText"]), str(arguments["newText"])
        every += 1
        in_gap = not holds(before, old)
        if in_gap and not holds(known, old):
            continue  # nothing recorded shows the file
        rebuilt += 1
        try:
            # What was replaced may hold lines that nothing shows after a deletion at the end.
            result = replaced(known if in_gap else before + "\n", old, new).text
            assert holds(result, new) if in_gap else result.rstrip("\n") == after.rstrip("\n")
            same += 1
        except (NoMatch, AssertionError) as error:
            failures.append(f"{arguments['path']}: {error}\n{old}")
    return every, rebuilt, same, failures


@pytest.mark.parametrize("name", NAMES)
def test_recorded_edits_can_be_made_again(name: str) -> None:
    if not TRANSCRIPTS.exists():
        pytest.skip("the recorded transcripts are not beside this checkout")
    every, rebuilt, same, failures = replay(name)
    assert rebuilt >= 0.9 * every
    assert same == rebuilt, "\n\n".join(failures)
