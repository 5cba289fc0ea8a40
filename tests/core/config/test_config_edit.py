"""Settings are changed without hurting the file they are in."""

from __future__ import annotations

import subprocess
import tomllib

import pytest

from ion_core.config.edit import get_setting, set_setting
from ion_core.config.explain import explain
from ion_core.errors import ConfigError

TEXT = """\
# what I like
model = "openai/x"   # for now

[tui]   # looks
theme = 'dark'
"""


def change(world, key, value, layer="user"):
    return set_setting(world.places, layer, key, value, world.env)


def test_comments_and_formatting_survive_a_change(world):
    file = world.user(TEXT)
    change(world, "model", "openai/y")
    assert file.read_text() == TEXT.replace("openai/x", "openai/y")


@pytest.mark.parametrize(
    ("key", "value", "want"),
    [
        ("limits.max_turns", "5", 5),
        ("limits.max_cost_usd", "0.5", 0.5),
        ("tui.ascii", "true", True),
        ("tui.theme", "123", "123"),
        ("tui.theme", '"quoted"', "quoted"),
        ("small_model", "groq/a:high", "groq/a:high"),
        ("fallback_models", '["groq/a", "groq/b"]', ["groq/a", "groq/b"]),
        ('keymap.global."palette.open"', '["ctrl+p"]', ["ctrl+p"]),
        ('providers.openai.models."a.b".price', "{ input = 1, output = 2 }", None),
        ("permissions.rules", '[{ tool = "bash", decision = "ask" }]', None),
    ],
)
def test_what_is_set_is_got(world, key, value, want):
    change(world, key, value)
    got = get_setting(world.load().settings, key)
    assert want is None or got == want


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "[limits]\nmax_turns = 1",
        "[tui]\nascii = true\n\n# next\n[limits]\nmax_turns = 1 # one\n",
        "tui.ascii = true\n",
        "tui = { ascii = true }\n",
        '[[hooks]]\nevent = "Stop"\ncommand = ["x"]\n',
        'mode = "plan"\r\n[tui]\r\nascii = true\r\n',
    ],
)
def test_any_file_takes_a_key_and_keeps_the_rest(world, text):
    file = world.user("")
    file.write_bytes(text.encode())
    change(world, "tui.theme", "new")
    change(world, "mode", "read")
    want = tomllib.loads(text)
    want.setdefault("tui", {})["theme"] = "new"
    assert tomllib.loads(file.read_text()) == want | {"mode": "read"}
    assert file.read_bytes().endswith(b"\n")


def test_a_table_can_be_begun_and_continued(world):
    file = world.user("")
    change(world, "providers.work.base_url", "http://127.0.0.1:9/v1")
    change(world, "providers.work.models.x.context_window", "1000")
    change(world, "providers.work.models.x.tool_mode", "text")
    assert file.read_text().count("[providers.work.models.x]") == 1
    assert world.load().settings.providers["work"].models["x"].tool_mode == "text"


@pytest.mark.parametrize(
    ("key", "value", "layer", "words"),
    [
        ("mode", "raed", "user", '"read", "plan" or "write"'),
        ("model", "opnai/x", "user", "did you mean `openai`?"),
        ("limits.max_turns", "many", "user", "must be a whole number"),
        ("limits.max_turn", "1", "user", "did you mean `max_turns`?"),
        ("mode", "plan", "project", "use `ion config set --user`"),
        ("providers.openai.api_key", "k", "local", "use `ion config set --user`"),
        ("sandbox.enabled", "off", "local", "use `ion config set --user`"),
        ("a b", "1", "user", "is not a key"),
        ("model.x", "1", "user", "unknown key `model.x`"),
        ("tui.theme", '"x"\nmode = "plan"', "user", "tui.theme"),
    ],
)
def test_what_would_be_wrong_is_refused_and_the_file_untouched(world, key, value, layer, words):
    files = [world.user(TEXT), world.shared(TEXT), world.local(TEXT)]
    if words == "tui.theme":  # a text with a line end is a text, never a second key
        change(world, key, value, layer)
        assert world.load().settings.mode == "write"
        return
    with pytest.raises(ConfigError) as caught:
        change(world, key, value, layer)
    assert words in str(caught.value)
    assert [file.read_text() for file in files] == [TEXT, TEXT, TEXT]


def test_the_users_file_stays_private_and_a_link_stays_a_link(world):
    real = world.root / "dotfiles.toml"
    real.write_text("")
    world.places.user_file.symlink_to(real)
    change(world, "tui.theme", "x")
    assert world.places.user_file.is_symlink()
    assert "theme" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o600


def test_the_local_file_is_ignored_by_git_once(world):
    subprocess.run(["git", "init", "-q", str(world.project)], check=True)
    change(world, "tui.theme", "x", "local")
    change(world, "tui.theme", "y", "local")
    command = ["git", "-C", str(world.project), "check-ignore", ".ion/config.local.toml"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    ignore = world.project / ".ion" / ".gitignore"
    assert ignore.read_text() == "config.local.toml\n"


@pytest.mark.parametrize("line", [".ion/", ".ion/config.local.toml", "config.local.toml"])
def test_a_project_that_ignores_it_already_is_left_alone(world, line):
    (world.project / ".gitignore").write_text(f"*.pyc\n{line}\n")
    change(world, "tui.theme", "x", "local")
    assert not (world.project / ".ion" / ".gitignore").exists()


def test_nothing_there_and_nothing_known_are_told_apart(world):
    settings = world.load().settings
    with pytest.raises(ConfigError, match=r"`providers\.opnai` is not set; did you mean `openai`"):
        get_setting(settings, "providers.opnai")
    with pytest.raises(ConfigError, match="unknown key `modle`; did you mean `model`"):
        get_setting(settings, "modle")


def test_secrets_are_never_shown(world):
    world.user('[providers.openai]\napi_key = "hidden"\nheaders = { X = "hidden" }')
    settings = world.load().settings
    for key in ("", "providers", "providers.openai.api_key", "providers.openai.headers.X"):
        assert "hidden" not in str(get_setting(settings, key))
        assert not key or "hidden" not in str(explain(world.places, key, {}))


def test_explain_shows_every_layer_and_which_won(world):
    world.env = {"ION_TUI__THEME": "env"}
    user = world.user('# hi\n[tui]\ntheme = "user"')
    local = world.local('tui.theme = "local"')
    rows = explain(world.places, "tui.theme", world.env)
    assert [(row.layer, row.verdict, row.value, row.where) for row in rows] == [
        ("flag", "not set", None, ""),
        ("project-local", "wins", "local", f"{local}:1"),
        ("project", "not set", None, ""),
        ("user", "overridden", "user", f"{user}:3"),
        ("environment", "overridden", "env", "ION_TUI__THEME"),
        ("default", "overridden", "auto:ion-dark,ion-light", ""),
    ]


def test_explain_shows_what_a_project_may_not_set(world):
    world.shared('mode = "read"')
    verdicts = {row.layer: row.verdict for row in explain(world.places, "mode", {})}
    assert (verdicts["project"], verdicts["default"]) == ("ignored", "wins")


def test_explain_says_when_layers_add_up(world):
    world.user("[limits]\nmax_turns = 1")
    world.shared("[limits]\nmax_subagents = 1")
    verdicts = [row.verdict for row in explain(world.places, "limits", {})]
    assert verdicts.count("merged") == 3
