"""Skills as people write them: found, shadowed, broken, filled in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ion_core.ladder import Ladder
from ion_core.skills.body import body_of
from ion_core.skills.shelf import BUDGET, Shelf

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a skill below a folder."""

    def write(place: str, text: str, name: str = "SKILL.md") -> Path:
        path = tmp_path / place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def shelf(tmp_path: Path, *, trusted: bool = True, compat: bool = True) -> Shelf:
    cwd = tmp_path / "repo" / "sub"
    cwd.mkdir(parents=True, exist_ok=True)
    (tmp_path / "repo" / ".git").mkdir(exist_ok=True)
    ladder = Ladder(
        cwd=cwd,
        home=tmp_path / "ion",
        person=tmp_path / "person",
        trusted=trusted,
        compat=compat,
    )
    return Shelf(ladder, tmp_path / "cache")


def md(name: str, about: str = "Does it.", body: str = "Do it.", more: str = "") -> str:
    return f"---\nname: {name}\ndescription: {about}\n{more}---\n{body}\n"


def test_the_nearest_folder_wins_and_ion_s_own_come_last(tmp_path: Path, write: Write) -> None:
    write("repo/.claude/skills/a", md("a", "Above."))
    write("repo/sub/.ion/skills/a", md("a", "Near."))
    write("ion/skills/b", md("b"))
    write("person/.agents/skills/c", md("c"))
    found = shelf(tmp_path).skills()
    assert [(s.name, s.owner, s.shadowed) for s in found] == [
        ("a", "project", False),
        ("a", "project", True),
        ("b", "person", False),
        ("c", "person", False),
        ("ion", "ion", False),
    ]
    assert found[0].description == "Near."


def test_nothing_of_an_untrusted_project_is_read(tmp_path: Path, write: Write) -> None:
    write("repo/.ion/skills/a", md("a"))
    assert [s.name for s in shelf(tmp_path, trusted=False).skills()] == ["ion"]


def test_other_agents_folders_can_be_left_out(tmp_path: Path, write: Write) -> None:
    write("repo/.claude/skills/a", md("a"))
    assert shelf(tmp_path, compat=False).find("a") is None


def test_a_model_is_told_names_and_descriptions_and_nothing_of_ion_s_own(
    tmp_path: Path, write: Write
) -> None:
    assert shelf(tmp_path).catalogue() == {}
    write("repo/.ion/skills/a", md("a", "Makes tea."))
    write("repo/.ion/skills/b", md("b", more="disable-model-invocation: true\n"))
    said = shelf(tmp_path).catalogue()["skills"]
    assert "- a: Makes tea." in said
    assert "- b" not in said


def test_too_many_are_told_by_name_alone(tmp_path: Path, write: Write) -> None:
    for n in range(200):
        write(f"repo/.ion/skills/s{n}", md(f"s{n}", "x" * 200))
    said = shelf(tmp_path).catalogue()["skills"]
    assert len(said) <= BUDGET
    assert "s199" in said


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\nname: a\n---\nbody", "It has no description."),
        ("no head at all", "It has no description."),
        ("---\n- x\n---\n", "no list of fields"),
    ],
)
def test_a_broken_one_is_listed_with_why(
    tmp_path: Path, write: Write, text: str, problem: str
) -> None:
    write("repo/.ion/skills/a", text)
    write("repo/.ion/skills/good", md("good"))
    found = {skill.name: skill for skill in shelf(tmp_path).skills()}
    assert problem in found["a"].problem
    assert found["good"].usable


def test_one_that_breaks_a_rule_is_used_and_told(tmp_path: Path, write: Write) -> None:
    write("repo/.ion/skills/a", md("Not_A Name", "y" * 1100))
    skill = shelf(tmp_path).find("Not_A Name")
    assert skill is not None
    assert len(skill.complaints) == 3


def test_the_original_s_xml_is_read(tmp_path: Path, write: Write) -> None:
    text = (
        "<skill>\n<name>old</name><description>An old &amp; good one.</description>\n"
        "<allowed-tools>read, grep</allowed-tools>\n<instructions>\nLook at $ARGUMENTS.\n"
        "</instructions></skill>"
    )
    write("repo/.ion/skills/old", text)
    skill = shelf(tmp_path).find("old")
    assert skill is not None
    assert (skill.description, skill.allowed) == ("An old & good one.", ("read", "grep"))
    assert body_of(skill, "it").endswith("Look at it.")


@pytest.mark.parametrize(
    ("body", "args", "said"),
    [
        ("Fix $ARGUMENTS now", "a b", "Fix a b now"),
        ("From $0 to $1", '"a b" c', "From a b to c"),
        ("Only $2", "a b", "Only "),
        ("Plain", "x", "Plain\n\nARGUMENTS: x"),
        ("Plain", "", "Plain"),
    ],
)
def test_arguments_are_filled_in(
    tmp_path: Path, write: Write, body: str, args: str, said: str
) -> None:
    write("repo/.ion/skills/a", md("a", body=body))
    skill = shelf(tmp_path).find("a")
    assert skill is not None
    assert body_of(skill, args).endswith(said)


def test_files_of_its_folder_are_taken_in_and_no_others(tmp_path: Path, write: Write) -> None:
    write("repo/.ion/skills/a", "the guide", name="guide.md")
    write("repo", "secret", name="out.md")
    body = "@guide.md\n@../../../out.md\n@missing.md"
    write("repo/.ion/skills/a", md("a", body=body))
    skill = shelf(tmp_path).find("a")
    assert skill is not None
    said = body_of(skill, "")
    assert '<file path="guide.md">\nthe guide\n</file>' in said
    assert "secret" not in said
    assert "@missing.md" in said


def test_what_was_read_is_remembered_until_a_file_changes(tmp_path: Path, write: Write) -> None:
    file = write("repo/.ion/skills/a", md("a", "One."))
    assert shelf(tmp_path).find("a") == shelf(tmp_path).find("a")
    file.write_text(md("a", "Another one."))
    skill = shelf(tmp_path).find("a")
    assert skill is not None
    assert skill.description == "Another one."
