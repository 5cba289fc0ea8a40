"""The list of a model is shown whole, and taken in the words of other agents."""

from __future__ import annotations

from tools_bench import Call

from ion_core.tools.schema import validate
from ion_core.tools.todo import Item, TodoArgs


async def test_the_list_is_shown_with_its_marks(call: Call) -> None:
    items = [
        {"content": "look", "status": "completed"},
        {"content": "change", "status": "in_progress"},
        {"content": "test"},
    ]
    outcome = await call("todo", items=items)
    assert outcome.content == "The list is shown: 1 of 3 done."
    assert outcome.display.output == "☑ look\n▸ change\n☐ test"
    assert outcome.display.target == "change"


async def test_an_endless_list_is_refused(call: Call) -> None:
    outcome = await call("todo", items=[{"content": str(number)} for number in range(51)])
    assert outcome.status == "error"


async def test_fifty_items_are_taken(call: Call) -> None:
    outcome = await call("todo", items=[{"content": str(number)} for number in range(50)])
    assert outcome.content == "The list is shown: 0 of 50 done."


async def test_what_was_given_up_has_a_mark_of_its_own(call: Call) -> None:
    outcome = await call("todo", items=[{"content": "rewrite", "status": "cancelled"}])
    assert outcome.display.output == "☒ rewrite"


async def test_doing_two_things_at_once_is_remarked_on(call: Call) -> None:
    items = [{"content": name, "status": "in_progress"} for name in ("one", "two")]
    outcome = await call("todo", items=items)
    assert outcome.status == "ok"
    assert outcome.content.endswith("Note: 2 items are in_progress; work on one at a time.")


def test_the_words_of_other_agents_are_understood() -> None:
    plan = {"plan": [{"step": "look", "status": "done"}, {"text": "test", "status": "todo"}]}
    plan["plan"].append({"step": "drop", "status": "canceled"})
    args = validate("todo", TodoArgs, plan)
    assert args.items == [
        Item("look", "completed"),
        Item("test", "pending"),
        Item("drop", "cancelled"),
    ]
