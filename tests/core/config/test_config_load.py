"""Where settings come from, and who wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.config import ion_home, load, read_key
from ion_core.config.paths import private_folder

OPENAI = "https://api.openai.com/v1"


def test_nothing_configured_gives_the_defaults_and_the_built_in_providers(world):
    settings = world.load().settings
    assert (settings.model, settings.mode) == ("", "write")
    assert settings.tui.theme == "auto:ion-dark,ion-light"
    assert settings.providers["openai"].base_url == OPENAI
    assert settings.providers["anthropic"].protocol == "anthropic-messages"


def test_the_example_of_the_interface_is_understood(world):
    world.user("""
        model = "work/qwen3-coder:high"
        small_model = ""
        mode = "write"
        claude_compat = true
        fallback_models = ["openai/gpt-5.6"]
        [providers.anthropic]
        api_key = ""
        api_key_env = "ANTHROPIC_API_KEY"
        [providers.work]
        protocol = "openai-chat"
        base_url = "http://127.0.0.1:8080/v1"
        headers = {}
        extra_body = {}
        connect_timeout_s = 3
        idle_timeout_s = 60.5
        max_retries = 2
        [providers.work.models."qwen3-coder"]
        context_window = 131072
        max_output = 32000
        vision = false
        reasoning = false
        tool_streaming = true
        tool_mode = "native"
        price = { input = 0.2, output = 0.8, cache_read = 0.02, cache_write = 0.25 }
        [compaction]
        auto = true
        soft_limit_tokens = 0
        keep_recent_tokens = 20000
        model = "session"
        [limits]
        max_turns = 0
        max_cost_usd = 0.0
        max_subagents = 4
        [sandbox]
        enabled = "auto"
        network = "off"
        allow_domains = []
        writable = []
        readable = []
        [permissions]
        rules = [ { tool = "bash", pattern = "git push *", decision = "ask" } ]
        [[hooks]]
        event = "PostToolUse"
        matcher = "write|edit"
        command = ["ruff", "format", "$ION_FILE"]
        timeout_s = 30
        on_error = "warn"
        priority = 0
        [mcp_servers.files]
        command = "npx"
        args = ["-y", "files", "."]
        eager = false
        [mcp_servers.docs]
        url = "https://example.com/mcp"
        [sessions]
        archive_after_days = 90
        delete_after_days = 0
        [tui]
        theme = "auto:ion-dark,ion-light"
        mouse = "full"
        notifications = "auto"
        ascii = false
        reduced_motion = false
        [keymap.global]
        "palette.open" = ["ctrl+p"]
        [profiles.review]
        mode = "read"
        model = "openai/gpt-5.6"
        [skills]
        allowed_tools = "restrict"
        [agents]
        max_depth = 1
        autowake = true
        autosplit = false
        review_model = ""
        [input]
        enter = "steer"
        esc = "single"
        steer = "after_batch"
        [memory]
        [lsp]
    """)
    settings = world.load().settings
    model = settings.providers["work"].models["qwen3-coder"]
    assert (model.context_window, model.tool_streaming, model.price.cache_write) == (
        131072,
        True,
        0.25,
    )
    assert settings.keymap["global"]["palette.open"] == ("ctrl+p",)
    assert settings.hooks[0].command == ("ruff", "format", "$ION_FILE")
    assert settings.profiles["review"].mode == "read"


def test_stronger_layers_win_key_by_key(world):
    world.env = {
        "ION_TUI__THEME": "env",
        "ION_TUI__MOUSE": "off",
        "ION_LIMITS__MAX_TURNS": "1",
        "ION_LIMITS__MAX_COST_USD": "0.5",
        "ION_SMALL_MODEL": "groq/from-env",
    }
    world.user('[tui]\ntheme = "user"\n[limits]\nmax_turns = 9\nmax_subagents = 4')
    world.shared("[limits]\nmax_turns = 3\nmax_subagents = 3")
    world.local("[limits]\nmax_turns = 2")
    settings = world.load(model="openai/x").settings
    assert (settings.tui.theme, settings.tui.mouse) == ("user", "off")
    assert (settings.limits.max_turns, settings.limits.max_subagents) == (2, 3)
    assert (settings.limits.max_cost_usd, settings.small_model) == (0.5, "groq/from-env")
    assert world.load(limits__max_turns=5).settings.limits.max_turns == 5


def test_a_provider_table_is_laid_over_the_built_in_one(world):
    world.user('[providers.openai]\nbase_url = "http://127.0.0.1:9/v1"\n[providers.local]')
    openai = world.load().settings.providers["openai"]
    assert openai.base_url == "http://127.0.0.1:9/v1"
    assert (openai.api_key_env, openai.protocol) == ("OPENAI_API_KEY", "openai-responses")


def test_a_model_may_be_described_in_several_layers(world):
    world.user('[providers.work]\nbase_url = "http://127.0.0.1:9/v1"')
    world.shared('[providers.work.models."qwen/3:7b"]\ncontext_window = 1000')
    world.local('[providers.work.models."qwen/3:7b"]\ntool_mode = "text"')
    model = world.load(model="work/qwen/3:7b").settings.providers["work"].models["qwen/3:7b"]
    assert (model.context_window, model.tool_mode) == (1000, "text")


def test_hooks_and_rules_of_all_files_hold(world):
    world.user(
        '[[hooks]]\nevent = "Stop"\ncommand = ["a"]\n'
        '[permissions]\nrules = [{ tool = "bash", pattern = "rm *", decision = "deny" }]'
    )
    world.shared(
        '[[hooks]]\nevent = "Stop"\ncommand = ["b"]\n'
        '[permissions]\nrules = [{ tool = "bash", decision = "ask" }]'
    )
    settings = world.load().settings
    assert {hook.command for hook in settings.hooks} == {("a",), ("b",)}
    assert {rule.pattern for rule in settings.permissions.rules} == {"*", "rm *"}


async def test_a_key_in_the_file_beats_the_variable(world):
    world.user('[providers.openai]\napi_key = "from-file"')
    known, env = world.load().settings.providers, {"OPENAI_API_KEY": "a", "GROQ_API_KEY": "b"}
    assert await read_key("openai", known["openai"], env) == "from-file"
    assert await read_key("groq", known["groq"], env) == "b"
    assert await read_key("mistral", known["mistral"], env) == ""
    assert await read_key("google", known["google"], {"GOOGLE_API_KEY": "g"}) == "g"


def test_the_project_is_the_nearest_folder_with_git_or_ion(world):
    world.shared('[tui]\ntheme = "project"')
    deep = world.project / "a" / "b"
    deep.mkdir(parents=True)
    loaded = load(deep, home=world.home, env={})
    assert loaded.settings.tui.theme == "project"
    (world.project / "a" / ".ion").mkdir()
    assert load(deep, home=world.home, env={}).places.project == world.project / "a"


def test_the_home_of_ion_makes_no_project_of_the_folder_above(tmp_path: Path):
    home = tmp_path / ".ion"
    home.mkdir()
    (home / "config.toml").write_text('mode = "read"')
    work = tmp_path / "work"
    work.mkdir()
    loaded = load(work, home=home, env={})
    assert (loaded.settings.mode, loaded.warnings) == ("read", ())
    assert loaded.places.project == work


def test_in_the_folder_above_its_home_ion_reads_the_users_file_once(tmp_path: Path):
    home = tmp_path / ".ion"
    home.mkdir()
    (tmp_path / ".git").mkdir()
    (home / "config.toml").write_text('mode = "read"')
    (home / "config.local.toml").write_text('mode = "plan"')
    loaded = load(tmp_path, home=home, env={})
    assert (loaded.settings.mode, loaded.warnings) == ("read", ())
    assert loaded.files == (home / "config.toml",)


def test_ion_home_follows_the_variable(tmp_path: Path):
    assert ion_home({"ION_HOME": str(tmp_path)}) == tmp_path
    assert ion_home({}) == Path.home() / ".ion"


def test_a_folder_of_ion_is_readable_by_its_owner_alone(tmp_path: Path):
    assert private_folder(tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_an_empty_variable_is_not_set(world):
    world.env = {"ION_MODE": "", "ION_LIMITS__MAX_TURNS": ""}
    assert world.load().settings.limits.max_turns == 0


@pytest.mark.parametrize("name", ["ION_CALL", "ION_SESSION_ID", "ION_PLAIN"])
def test_other_variables_of_ion_are_not_settings(world, name):
    world.env = {name: "x"}
    assert world.load().settings.mode == "write"
