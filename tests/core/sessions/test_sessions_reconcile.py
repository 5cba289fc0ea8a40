"""What files show of calls whose process died, and what the model is then told."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import to_builtins

from ion_core.entries import Entry, SystemEvent
from ion_core.ids import CallId, entry_id
from ion_core.messages import Message, ToolCall
from ion_core.sessions.base import Append, OpenedEffect
from ion_core.sessions.reconcile import reconciled
from ion_core.sessions.recovery import mends
from ion_core.tools.edit import Edit
from ion_core.tools.foresight import Sketch
from ion_core.tools.patch import ApplyPatch
from ion_core.tools.paths import Workspace
from ion_core.tools.schema import validate
from ion_core.tools.write import Write


def intents(root: Path, *calls: tuple[type, dict[str, object]]) -> list[OpenedEffect]:
    """The calls of one answer, as their intents are recorded before the first of them runs."""
    sketch, effects = Sketch(Workspace(root=root)), []
    for number, (kind, arguments) in enumerate(calls):
        tool = kind()
        meant = sketch.meant(tool, validate(tool.name, tool.args, arguments))
        detail = {"files": to_builtins(meant)}
        effects.append(
            OpenedEffect(
                call=CallId(f"c{number}"), tool=tool.name, recovery="reconcile", detail=detail
            )
        )
    return effects


def verdicts(effects: list[OpenedEffect]) -> list[str]:
    return [found.verdict for found in reconciled(effects).values()]


def edit(old: str, new: str, path: str = "a.txt") -> tuple[type, dict[str, object]]:
    return Edit, {"path": path, "edits": [{"old_string": old, "new_string": new}]}


@pytest.mark.parametrize(
    ("content", "verdict"),
    [("new\n", "done"), (None, "not_done"), ("by somebody else\n", "unknown")],
)
def test_a_new_file_is_there_or_not(tmp_path: Path, content: str | None, verdict: str) -> None:
    effects = intents(tmp_path, (Write, {"path": "a.txt", "content": "new\n"}))
    if content is not None:
        (tmp_path / "a.txt").write_text(content)
    assert verdicts(effects) == [verdict]


@pytest.mark.parametrize("done", range(4))
def test_of_edits_to_one_file_it_is_seen_how_far_they_came(tmp_path: Path, done: int) -> None:
    states = ["one", "two", "three", "four"]
    (tmp_path / "a.txt").write_text(states[0])
    effects = intents(tmp_path, *(edit(states[n], states[n + 1]) for n in range(3)))
    (tmp_path / "a.txt").write_text(states[done])
    assert verdicts(effects) == ["done"] * done + ["not_done"] * (3 - done)


def test_there_and_back_again_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    effects = intents(tmp_path, edit("one", "two"), edit("two", "one"))
    assert verdicts(effects) == ["unknown", "unknown"]
    (tmp_path / "a.txt").write_text("two")
    assert verdicts(effects) == ["done", "not_done"]


def test_an_edit_that_keeps_line_ends_and_mark_is_foretold_to_the_byte(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    effects = intents(tmp_path, edit("one\ntwo", "one\n2"))
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\n2\r\n")
    assert verdicts(effects) == ["done"]


def test_half_a_patch_says_which_half(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").write_text("bye\n")
    patch = "*** Begin Patch\n*** Add File: new.txt\n+hi\n*** Delete File: gone.txt\n*** End Patch"
    effects = intents(tmp_path, (ApplyPatch, {"patch": patch}))
    (tmp_path / "new.txt").write_text("hi\n")
    [found] = reconciled(effects).values()
    assert found.verdict == "unknown"
    assert {Path(path).name: seen for path, seen in found.files} == {
        "new.txt": "done",
        "gone.txt": "not_done",
    }
    (tmp_path / "gone.txt").unlink()
    assert verdicts(effects) == ["done"]


def test_what_cannot_be_foretold_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    effects = intents(tmp_path, edit("not there", "two"), edit("one", "two", "../outside"))
    assert [each.detail for each in effects] == [{"files": ()}] * 2
    assert verdicts(effects) == ["unknown", "unknown"]


def test_a_folder_in_the_place_of_a_file_is_unknown(tmp_path: Path) -> None:
    effects = intents(tmp_path, (Write, {"path": "a", "content": ""}))
    (tmp_path / "a").mkdir()
    assert verdicts(effects) == ["unknown"]


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        ("new\n", "ok", "is as this call meant"),
        (None, "cancelled", "is as before. Repeat it"),
        ("other\n", "indeterminate", "neither as before nor as this call meant"),
    ],
)
async def test_the_model_is_told_what_the_file_shows(
    tmp_path: Path, content: str | None, status: str, said: str
) -> None:
    effects = intents(tmp_path, (Write, {"path": "a.txt", "content": "new\n"}))
    if content is not None:
        (tmp_path / "a.txt").write_text(content)
    call = ToolCall(id=CallId("c0"), name="write", arguments={})
    answer = Message(role="assistant", parts=(call,), stop="tool_use")
    path = [Entry(id=entry_id(1), parent=None, at=0.0, body=answer)]
    bodies = [write.body for write in await mends(path, effects) if isinstance(write, Append)]
    assert isinstance(bodies[0], Message)
    assert bodies[0].results[0].status == status
    assert said in bodies[0].results[0].content
    assert isinstance(bodies[1], SystemEvent)
    assert "write" in bodies[1].text
