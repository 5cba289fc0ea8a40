"""What a model reads of a path with notes, prunes and compactions in it."""

from __future__ import annotations

from ion_core.context.increment import increment
from ion_core.context.reading import reading
from ion_core.entries import (
    Attachment,
    Body,
    Compaction,
    Entry,
    Instructions,
    Pin,
    Prune,
    Stub,
)
from ion_core.ids import CallId, entry_id
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user
from ion_core.usage import Usage


def path(*bodies: Body) -> list[Entry]:
    ids = [entry_id(row) for row in range(1, len(bodies) + 1)]
    parents = [None, *ids]
    return [
        Entry(id=id_, parent=parent, at=0.0, body=body)
        for id_, parent, body in zip(ids, parents, bodies, strict=False)
    ]


def said(text: str, *calls: str) -> Message:
    parts = [ToolCall(id=CallId(call), name="bash", arguments={}) for call in calls]
    usage = Usage(input=100, output=10)
    return Message(role="assistant", parts=(Text(text=text), *parts), usage=usage)


def result(call: str, content: str) -> Message:
    return answered(ToolResult(call=CallId(call), name="bash", status="ok", content=content))


def texts(*bodies: Body) -> list[str]:
    return [message.text or _result(message) for message in reading(path(*bodies))]


def _result(message: Message) -> str:
    return "".join(result.content for result in message.results)


def compaction(kept: int, number: int = 1) -> Compaction:
    return Compaction(
        number=number, summary=f"SUMMARY {number}", ledgers="LEDGERS", kept=kept, mode="suffix"
    )


def test_instructions_stand_before_their_prompt_and_what_it_names_behind_it() -> None:
    loaded = Instructions(source="AGENTS.md", text="Use tabs.")
    named = Attachment(source="a.py", text="x = 1")
    first, prompt, last = texts(user("look at @a.py"), named, loaded)
    assert "Use tabs." in first
    assert prompt == "look at @a.py"
    assert last == '<attachment source="a.py">\nx = 1\n</attachment>'


def test_instructions_that_changed_are_told_where_they_changed() -> None:
    changed = Instructions(source="AGENTS.md", text="Use spaces.", change="changed")
    gone = Instructions(source="AGENTS.md", text="", change="removed")
    read = texts(user("one"), said("two"), changed, gone, user("three"))
    assert [read[0], read[1], read[4]] == ["one", "two", "three"]
    assert 'change="changed"' in read[2]
    assert "holds no longer" in read[3]


def test_a_checkpoint_stands_for_what_it_replaced_and_the_newest_stays() -> None:
    loaded = Instructions(source="AGENTS.md", text="Use tabs.")
    read = texts(
        user("one"), loaded, said("two"), user("three"), said("four"), compaction(2), user("five")
    )
    assert "Use tabs." in read[0]
    assert read[1].startswith("<context_checkpoint n=1>")
    assert "SUMMARY 1" in read[1]
    assert "LEDGERS" in read[1]
    assert read[2:] == ["three", "four", "five"]


def test_the_newest_checkpoint_holds_alone() -> None:
    read = texts(user("one"), said("two"), compaction(1), user("three"), compaction(1, 2))
    assert "SUMMARY 2" in read[0]
    assert read[1:] == ["three"]


def test_a_checkpoint_may_keep_nothing_and_never_more_than_there_is() -> None:
    assert len(texts(user("one"), compaction(0))) == 1
    assert texts(user("one"), compaction(9))[1:] == ["one"]


def test_put_away_results_are_read_as_their_stubs() -> None:
    prune = Prune(stubs=(Stub(back=2, text="[read a.py, recall e3]"),))
    read = texts(user("go"), said("", "c1"), result("c1", "long " * 99), said("done"), prune)
    assert read[2] == "[read a.py, recall e3]"
    assert read[3] == "done"


def test_pins_are_not_read_before_a_compaction() -> None:
    assert texts(user("one"), Pin(text="port 8080")) == ["one"]


def test_after_a_checkpoint_nothing_counted_before_it_is_believed() -> None:
    before = path(user("one"), said("two"), user("three"))
    assert increment(before).answer is not None
    after = increment(path(user("one"), said("two"), user("three"), compaction(1)))
    assert after.answer is None
    assert "SUMMARY 1" in after.texts[0]
    assert after.texts[1:] == ("three",)
    counted = path(user("one"), said("two"), compaction(1), user("three"), said("four"), user("5"))
    assert increment(counted).texts == ("5",)
