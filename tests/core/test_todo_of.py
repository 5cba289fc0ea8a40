"""The todo list of a path is what the newest call that succeeded said."""

from __future__ import annotations

from ion_core.entries import Entry
from ion_core.ids import CallId, entry_id
from ion_core.messages import Display, Status, ToolResult, answered, user
from ion_core.todo import TodoItem, todo_of, written


def told(number: int, output: str, status: Status = "ok", name: str = "todo") -> Entry:
    result = ToolResult(
        call=CallId(f"c{number}"),
        name=name,
        status=status,
        content="",
        display=Display(output=output),
    )
    return Entry(id=entry_id(number), parent=None, at=0.0, body=answered(result))


def test_what_is_written_is_read_back() -> None:
    output = written([("one\n  thing", "completed"), ("▸ another", "in_progress")])
    assert todo_of([told(1, output)]) == (
        TodoItem(text="one thing", status="completed"),
        TodoItem(text="▸ another", status="in_progress"),
    )


def test_the_newest_list_that_succeeded_holds() -> None:
    asked = Entry(id=entry_id(9), parent=None, at=0.0, body=user("and now?"))
    path = [told(1, "☐ old"), told(2, "☐ new"), told(3, "☐ refused", "error"), asked]
    assert [item.text for item in todo_of(path)] == ["new"]


def test_an_empty_list_is_empty_whatever_was_before() -> None:
    assert todo_of([told(1, "☐ old"), told(2, "")]) == ()


def test_other_tools_have_no_list() -> None:
    assert todo_of([told(1, "☐ no list", name="bash")]) == ()
