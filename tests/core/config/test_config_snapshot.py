"""A warm start reads the snapshot of last time, and only when nothing changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ion_core.config import load

PROGRAM = """
import sys
from ion_core.config import load
loaded = load(sys.argv[1], env={"ION_HOME": sys.argv[2]})
heavy = {"pydantic", "pydantic_settings", "tomllib", "tomlkit", "jinja2", "asyncio"}
print(loaded.settings.tui.theme, *sorted(heavy & set(sys.modules)))
"""


def snapshots(world) -> list[Path]:
    return sorted((world.home / "cache" / "settings").iterdir())


def in_a_new_process(world) -> list[str]:
    command = [sys.executable, "-c", PROGRAM, str(world.project), str(world.home)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_a_warm_start_imports_nothing_heavy(world):
    world.user('[tui]\ntheme = "mine"\n[providers.work]\nbase_url = "http://127.0.0.1:9/v1"')
    theme, *cold = in_a_new_process(world)
    assert (theme, "pydantic_settings" in cold) == ("mine", True)
    assert in_a_new_process(world) == ["mine"]


def test_warm_settings_equal_cold_ones(world):
    world.user(
        'fallback_models = ["openai/a"]\n[keymap.global]\n"a.b" = []\n'
        "[providers.openai.models.x]\nprice = { input = 1, output = 2.5 }\n"
        '[[hooks]]\nevent = "Stop"\nurl = "http://127.0.0.1:9"\n[profiles.p]\nmode = "plan"'
    )
    assert world.load() == world.load()


@pytest.mark.parametrize("layer", ["user", "shared", "local"])
def test_an_edited_file_is_read_again(world, layer):
    write = getattr(world, layer)
    assert world.load().settings.tui.theme.startswith("auto")
    write('[tui]\ntheme = "one"')
    assert world.load().settings.tui.theme == "one"
    file = write('[tui]\ntheme = "two"')
    os.utime(file, ns=(1, 1))
    assert world.load().settings.tui.theme == "two"
    file.unlink()
    assert world.load().settings.tui.theme.startswith("auto")


def test_a_variable_or_a_flag_is_never_answered_from_another_snapshot(world):
    world.load()
    world.env = {"ION_TUI__THEME": "env"}
    assert world.load().settings.tui.theme == "env"
    assert world.load(tui__theme="flag").settings.tui.theme == "flag"
    assert world.load().settings.tui.theme == "env"


def test_secrets_are_not_in_the_snapshot_but_in_the_settings(world):
    world.user(
        '[providers.openai]\napi_key = "hidden-1"\nheaders = { X = "hidden-2" }\n'
        '[mcp_servers.a]\ncommand = "x"\nenv = { TOKEN = "hidden-3" }'
    )
    world.shared('[mcp_servers.b]\nurl = "http://b"\nheaders = { Authorization = "hidden-4" }')
    assert world.load() == world.load()
    settings = world.load().settings
    assert settings.providers["openai"].api_key == "hidden-1"
    assert settings.mcp_servers["b"].headers == {"Authorization": "hidden-4"}
    assert "hidden" not in "".join(file.read_text() for file in snapshots(world))


def test_a_secret_of_a_variable_is_written_nowhere(world):
    world.env = {"ION_PROVIDERS__OPENAI__API_KEY": "hidden"}
    assert world.load().settings.providers["openai"].api_key == "hidden"
    assert not (world.home / "cache").exists()


def test_a_project_cannot_bring_a_key_in_through_the_snapshot(world):
    world.user('[providers.openai]\napi_key = "mine"')
    world.shared('[providers.openai]\napi_key = "theirs"')
    assert [world.load().settings.providers["openai"].api_key for _ in "ab"] == ["mine", "mine"]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"settings": {"mode": 3}}', b"\xff"])
def test_a_damaged_snapshot_is_as_good_as_none(world, damage):
    world.user('[tui]\ntheme = "mine"')
    world.load()
    [file] = snapshots(world)
    file.write_bytes(damage)
    assert world.load().settings.tui.theme == "mine"


def test_snapshots_are_private_and_few(world):
    for turns in range(20):
        world.load(limits__max_turns=turns)
    files = snapshots(world)
    assert len(files) == 16
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert world.home.stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_written_does_not_matter(world):
    world.root.joinpath("file").write_text("a file")
    below = world.root / "file" / "below"
    assert load(world.project, home=below, env={}).settings.mode == "write"
