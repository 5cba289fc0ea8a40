"""A configuration of the original ion is carried over, and nothing of it is lost."""

from __future__ import annotations

import tomllib

ORIGINAL = """\
# my old settings
provider = "kimi"
model = "kimi-k2"
data_dir = "/data/ion"
model_cache_ttl_secs = 3600
system_prompt = \"\"\"
Be brief.
Be kind.\"\"\"
verbosity = "low"

[api_keys]
openrouter = "sk-or"  # the good one
kimi = "sk-kimi"
unheard = "sk-x"

[permissions]
default_mode = "read"
allow_outside_cwd = true

[provider_prefs]
order = ["a", "b"]
min_bits = 8

[mcp_servers.files]
command = "npx"
args = ["files"]
"""


def test_what_has_a_place_is_moved_there(world):
    world.user(ORIGINAL)
    settings = world.load().settings
    assert (settings.model, settings.mode) == ("moonshot/kimi-k2", "read")
    assert settings.providers["openrouter"].api_key == "sk-or"
    assert settings.providers["moonshot"].api_key == "sk-kimi"
    assert settings.providers["openrouter"].extra_body == {"provider": {"order": ["a", "b"]}}
    assert settings.mcp_servers["files"].args == ("files",)


def test_the_rest_is_kept_as_comments_at_the_end(world):
    file = world.user(ORIGINAL)
    world.load()
    text = file.read_text()
    kept, _, lost = text.partition("# From the configuration of the original ion")
    assert kept.startswith("# my old settings\n")
    for words in (
        '# data_dir = "/data/ion"',
        "# model_cache_ttl_secs = 3600",
        "# system_prompt = ",
        '# api_keys.unheard = "sk-x"',
        "# permissions.allow_outside_cwd = true",
        "# provider_prefs.min_bits = 8",
        '# verbosity = "low"',
    ):
        assert words in lost
    commented = [line.removeprefix("# ") for line in lost.splitlines()[1:]]
    assert tomllib.loads("\n".join(commented))["system_prompt"] == "Be brief.\nBe kind."


def test_it_is_said_once_and_the_old_file_stays_beside(world):
    file = world.user(ORIGINAL)
    file.with_name("config.toml.bak-1").write_text("older still")
    [warning] = world.load().warnings
    assert warning.startswith(f"{file}: converted from the original ion")
    assert "config.toml.bak-2" in warning
    assert file.with_name("config.toml.bak-2").read_text() == ORIGINAL
    assert file.with_name("config.toml.bak-1").read_text() == "older still"
    assert file.stat().st_mode & 0o777 == 0o600
    assert world.load().warnings == ()


def test_a_model_that_names_its_provider_keeps_one_name(world):
    world.user('provider = "openrouter"\nmodel = "deepseek/deepseek-v3"')
    assert world.load().settings.model == "openrouter/deepseek/deepseek-v3"
    world.user('provider = "openai"\nmodel = "openai/gpt-5.6"')
    assert world.load().settings.model == "openai/gpt-5.6"


def test_a_provider_without_a_model_becomes_a_comment(world):
    file = world.user('provider = "openai"\n')
    assert world.load().settings.model == ""
    assert '# provider = "openai"' in file.read_text()


def test_a_file_of_a_project_is_read_but_not_rewritten(world):
    file = world.shared('provider = "openai"\nmodel = "gpt-5.6"\n[api_keys]\nopenai = "theirs"\n')
    before = file.read_text()
    loaded = world.load()
    assert loaded.settings.model == "openai/gpt-5.6"
    assert loaded.settings.providers["openai"].api_key == ""
    assert any("original ion" in warning for warning in loaded.warnings)
    assert file.read_text() == before


def test_values_of_the_wrong_shape_do_not_stop_the_conversion(world):
    file = world.user('provider = "openai"\nmodel = "gpt-5.6"\nhooks = "none"\n[tui]\ntheme = 3\n')
    assert world.load().settings.model == "openai/gpt-5.6"
    assert '# hooks = "none"' in file.read_text()
    assert "# tui.theme = 3" in file.read_text()
