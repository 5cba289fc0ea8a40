"""``ion config`` as a person or a script meets it."""

from __future__ import annotations

import argparse
import json

import pytest

from ion_core.cli.config import configure, run
from ion_core.errors import ConfigError


@pytest.fixture
def ion_config(world, monkeypatch, capsys):
    monkeypatch.chdir(world.project)
    monkeypatch.setenv("ION_HOME", str(world.home))

    def call(*words: str) -> str:
        parser = argparse.ArgumentParser(prog="ion config")
        configure(parser)
        assert run(parser.parse_args(words)) == 0
        return capsys.readouterr().out

    return call


def test_path_names_the_file_of_each_layer(world, ion_config):
    assert ion_config("path") == f"{world.places.user_file}\n"
    assert ion_config("path", "--local") == f"{world.places.local_file}\n"
    world.user("")
    rows = json.loads(ion_config("path", "--json"))
    assert rows["user"] == {"path": str(world.places.user_file), "exists": True}
    assert rows["project"]["exists"] is False


def test_a_value_is_set_and_got(world, ion_config):
    ion_config("set", "limits.max_turns", "7")
    assert ion_config("get", "limits.max_turns") == "7\n"
    assert json.loads(ion_config("get", "limits", "--json"))["max_turns"] == 7
    assert ion_config("get", "mode") == "write\n"
    assert ion_config("get", "tui.ascii") == "false\n"
    assert "[limits]\nmax_turns = 7\n" in ion_config("get")


def test_the_layers_are_chosen_by_flag(world, ion_config):
    ion_config("set", "--project", "tui.theme", "shared")
    ion_config("set", "--local", "tui.mouse", "off")
    assert 'theme = "shared"' in world.places.project_file.read_text()
    assert 'mouse = "off"' in world.places.local_file.read_text()
    assert not world.places.user_file.exists()


def test_set_says_when_a_stronger_layer_has_the_last_word(world, ion_config):
    file = world.local('tui.theme = "local"')
    assert f"but {file}:1 says otherwise, and wins" in ion_config("set", "tui.theme", "mine")
    assert "otherwise" not in ion_config("set", "tui.mouse", "off")


def test_explain_names_the_winner(world, ion_config):
    file = world.user('[tui]\ntheme = "mine"')
    out = ion_config("explain", "tui.theme")
    assert f'user           wins        "mine"  {file}:2\n' in out
    rows = json.loads(ion_config("explain", "tui.theme", "--json"))
    assert [row["layer"] for row in rows if row["verdict"] == "wins"] == ["user"]


def test_the_schema_describes_every_key(ion_config):
    schema = json.loads(ion_config("schema"))
    assert schema["additionalProperties"] is False
    assert schema["properties"]["model"]["description"].startswith("provider/model")
    tables = schema["$defs"]
    assert {"max_depth", "autowake", "autosplit", "review_model"} == set(
        tables["AgentSettings"]["properties"]
    )
    undescribed = [
        f"{name}.{key}"
        for name, table in tables.items()
        for key, field in table["properties"].items()
        if "description" not in field and name not in ("Price", "Tier")
    ]
    assert undescribed == []


def test_a_wrong_key_is_an_error(ion_config):
    with pytest.raises(ConfigError, match="did you mean `theme`"):
        ion_config("get", "tui.thme")
