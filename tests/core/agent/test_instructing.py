"""A session and the instruction files of its folder: told before the prompt, then by changes."""

from __future__ import annotations

from pathlib import Path

from ion_core.context.grounds import Grounds
from ion_core.entries import Instructions
from ion_core.events import EntryAppended, Notice
from ion_core.messages import Message
from tests.fakes.scene import call, scene


def _grounds(folder: Path, *, trusted: bool = True) -> Grounds:
    folder.mkdir(parents=True, exist_ok=True)
    return Grounds(
        cwd=folder.resolve(),
        users=(),
        names=("AGENTS.md", "CLAUDE.md"),
        person=folder.parent,
        trusted=trusted,
    )


async def test_instructions_stand_before_the_prompt_in_the_request(tmp_path: Path) -> None:
    grounds = _grounds(tmp_path / "ws")
    (tmp_path / "ws/AGENTS.md").write_text("Use tabs.")
    async with scene(tmp_path / "ws", ["Yes."], grounds=grounds) as s:
        await s.play("hi")
        first = s.events[0]
        assert isinstance(first, EntryAppended)
        assert isinstance(first.entry.body, Message)
        said = [message.text for message in s.model.requests[0].messages]
        assert said == ['<instructions source="AGENTS.md">\nUse tabs.\n</instructions>', "hi"]


async def test_a_change_is_appended_and_the_prefix_stays(tmp_path: Path) -> None:
    grounds = _grounds(tmp_path / "ws")
    file = tmp_path / "ws/AGENTS.md"
    file.write_text("Use tabs.")
    async with scene(tmp_path / "ws", ["1", "2", "3", "4"], grounds=grounds) as s:
        for text in ("Use tabs.", "Use spaces.", ""):
            file.write_text(text)
            await s.play("go")
        file.unlink()
        await s.play("go")
        told = [e.body for e in s.session.view.entries if isinstance(e.body, Instructions)]
        assert [body.change for body in told] == ["loaded", "changed", "removed"]
        for before, after in zip(s.model.requests, s.model.requests[1:], strict=False):
            assert after.messages[: len(before.messages)] == before.messages


async def test_a_folder_below_speaks_when_a_tool_first_reaches_it(tmp_path: Path) -> None:
    grounds = _grounds(tmp_path / "ws")
    for folder in ("web", "node_modules/x", "clone"):
        (tmp_path / "ws" / folder).mkdir(parents=True)
        (tmp_path / "ws" / folder / "AGENTS.md").write_text(f"I am {folder}.")
        (tmp_path / "ws" / folder / "a.txt").write_text("text\n")
    (tmp_path / "ws/clone/.git").mkdir()
    reads = [call("read", path=f"{at}/a.txt") for at in ("web", "node_modules/x", "clone")]
    steps = [reads, [call("read", path="web/a.txt")], "Done.", "Again."]
    async with scene(tmp_path / "ws", steps, grounds=grounds) as s:
        await s.play("look")
        await s.play("and again")
        told = [e.body for e in s.session.view.entries if isinstance(e.body, Instructions)]
        assert [(body.source, body.text) for body in told] == [("web/AGENTS.md", "I am web.")]
        assert "I am web." in s.model.requests[1].messages[-1].text


async def test_a_rule_is_told_when_a_fitting_path_is_touched(tmp_path: Path) -> None:
    grounds = _grounds(tmp_path / "ws")
    rules = tmp_path / "ws/.ion/rules"
    rules.mkdir(parents=True)
    (rules / "sql.md").write_text("---\npaths: *.sql\n---\nUpper case.")
    steps = [[call("write", path="a.sql", content="SELECT 1\n")], "Done.", "Again."]
    async with scene(tmp_path / "ws", steps, grounds=grounds) as s:
        await s.play("write it")
        await s.play("and again")
        told = [e.body for e in s.session.view.entries if isinstance(e.body, Instructions)]
        assert [(body.text, body.change) for body in told] == [("Upper case.", "loaded")]


async def test_what_is_too_long_is_said_once(tmp_path: Path) -> None:
    grounds = _grounds(tmp_path / "ws")
    (tmp_path / "ws/AGENTS.md").write_text("x" * 50_000)
    async with scene(tmp_path / "ws", ["1", "2"], grounds=grounds) as s:
        await s.play("one")
        await s.play("two")
        notices = [event.text for event in s.events if isinstance(event, Notice)]
        assert len(notices) == 1
        assert "32 KB" in notices[0]


async def test_an_untrusted_folder_says_nothing(tmp_path: Path) -> None:
    grounds = _grounds(tmp_path / "ws", trusted=False)
    (tmp_path / "ws/AGENTS.md").write_text("Use tabs.")
    (tmp_path / "ws/web").mkdir()
    (tmp_path / "ws/web/AGENTS.md").write_text("Use tabs.")
    async with scene(tmp_path / "ws", [[call("list", path="web")], "Ok"], grounds=grounds) as s:
        await s.play("hi")
        assert not any(isinstance(e.body, Instructions) for e in s.session.view.entries)
