"""Rules are added to the user's file and taken out of it, and nothing else in it changes."""

from __future__ import annotations

import re
import stat
import tomllib

import pytest

from ion_core.config.rules import add_rule, drop_rule, kept_rules
from ion_core.config.schema import PermissionRule
from ion_core.errors import ConfigError

PUSH = PermissionRule(tool="bash", pattern="git push *", decision="allow")
ODD = PermissionRule(tool="bash", pattern="python -c 'a \"b\" \\ c'", decision="allow")
ASK = '{ tool = "bash", pattern = "x", decision = "ask" }'

FORMS = [
    "",
    "# nothing but this",
    "[limits]\nmax_turns = 3\n",
    "[permissions]\n# soon\n",
    f"[permissions]\nrules = [ {ASK} ]  # mine\n[limits]\nmax_turns = 3\n",
    f"[permissions]\nrules = [\n    # first\n    {ASK}, # why\n    # last\n]\n",
    f"[permissions]\nrules = [\n    {ASK}\n]\n",
    '[[permissions.rules]]\ntool = "bash"\npattern = "x"\ndecision = "ask"\n\n[limits]\n',
    "permissions.rules = []\n",
    f"permissions = {{ rules = [ {ASK} ] }}\n",
    "[permissions]\nrules = [\n]\n",
]


def _written(world):
    return tomllib.loads(world.places.user_file.read_text())["permissions"]["rules"]


def _fields(rule):
    return {"tool": rule.tool, "pattern": rule.pattern, "decision": rule.decision}


@pytest.mark.parametrize("text", FORMS)
def test_a_rule_is_added_once_and_every_line_stays(world, text):
    file = world.user(text)
    for rule in (PUSH, PUSH, ODD):
        add_rule(world.places, rule, world.env)
    assert _written(world)[-2:] == [_fields(PUSH), _fields(ODD)]
    after = file.read_text()
    assert all(f"# {comment}" in after for comment in re.findall(r"# (.*)", text))
    assert [rule.pattern for rule in world.load().settings.permissions.rules][-2:] == [
        PUSH.pattern,
        ODD.pattern,
    ]


@pytest.mark.parametrize("text", FORMS)
def test_what_was_added_can_be_dropped(world, text):
    world.user(text)
    before = world.load().settings.permissions.rules
    add_rule(world.places, PUSH, world.env)
    add_rule(world.places, ODD, world.env)
    drop_rule(world.places, PUSH, world.env)
    drop_rule(world.places, ODD, world.env)
    assert world.load().settings.permissions.rules == before


def test_a_file_that_is_not_there_is_made_private(world):
    add_rule(world.places, PUSH, world.env)
    assert _written(world) == [_fields(PUSH)]
    assert stat.S_IMODE(world.places.user_file.stat().st_mode) == 0o600


def test_a_broken_file_is_left_alone(world):
    file = world.user("[permissions\n")
    with pytest.raises(ConfigError):
        add_rule(world.places, PUSH, world.env)
    assert file.read_text() == "[permissions\n"


def test_a_rule_of_a_project_cannot_be_dropped(world):
    file = world.shared(f"[permissions]\nrules = [ {ASK} ]\n")
    rule = PermissionRule(tool="bash", pattern="x", decision="ask")
    with pytest.raises(ConfigError, match="not in your own file"):
        drop_rule(world.places, rule, world.env)
    assert ASK in file.read_text()


def test_rules_are_listed_with_file_and_line(world):
    world.user(f"[permissions]\nrules = [\n  {ASK},\n]\n")
    allow = '{ tool = "bash", pattern = "z", decision = "allow" }'
    world.shared(f"[permissions]\nrules = [ {allow},\n  {ASK} ]\n")
    said = [(kept.layer, kept.rule.pattern, kept.line) for kept in kept_rules(world.places)]
    assert said == [("user", "x", 3), ("project", "x", 3)]
