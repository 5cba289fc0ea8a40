"""What is wrong is told with file, line and the name that was probably meant."""

from __future__ import annotations

import pytest

from ion_core.errors import ConfigError


def refusal(world, **flags) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        world.load(**flags)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('# one\nmodle = "openai/x"', 2, "unknown key `modle`; did you mean `model`?"),
        ("[limits]\nmax_turn = 3", 2, "unknown key `limits.max_turn`; did you mean `max_turns`?"),
        ("[tiu]\nascii = true", 1, "unknown key `tiu`; did you mean `tui`?"),
        ('[limits]\nmax_turns = "3"', 2, '`limits.max_turns` must be a whole number, not "3"'),
        ('theme = "x"', 1, "unknown key `theme`; did you mean `tui.theme`?"),
        ("[limits]\nclaude_compat = true", 2, "did you mean `claude_compat`?"),
        ("[limits]\nmax_turns = 3.5", 2, "`limits.max_turns` must be a whole number, not 3.5"),
        ("[limits]\nmax_turns = true", 2, "must be a whole number, not true"),
        ("[limits]\n\nmax_turns = -1", 3, "`limits.max_turns` must be at least 0, not -1"),
        ("claude_compat = 1", 1, "`claude_compat` must be true or false, not 1"),
        ("[tui]\ntheme = 2026-11-22", 2, "`tui.theme` must be a text"),
        ('mode = "raed"', 1, '`mode` must be "read", "plan" or "write", not "raed"'),
        ('fallback_models = "openai/x"', 1, "`fallback_models` must be a list"),
        ('model = "opnai/gpt"', 1, "unknown provider `opnai`; did you mean `openai`?"),
        ('model = "gpt-5.6"', 1, '`model` must be "provider/model", not "gpt-5.6"'),
        ('fallback_models = ["openai/a",\n "nope/b"]', 2, "unknown provider `nope`"),
        ('[profiles.x]\nmodel = "anthropc/y"', 2, "did you mean `anthropic`?"),
        ('[compaction]\nmodel = "anthropc/y"', 2, "did you mean `anthropic`?"),
        ('[providers.opnai]\napi_key = "k"', 1, "no `base_url`; did you mean `openai`?"),
        ('[providers.w.models."a.b"]\nprice = { input = 1, outpt = 2 }', 2, "mean `output`?"),
        ("[mcp_servers.a]\nargs = []", 1, "needs either `command` or `url`"),
        ('[[hooks]]\nevent = "A"\ncommand = ["x"]\n[[hooks]]\nevent = "B"', 4, "hook on B"),
        ('[[hooks]]\nevent = "A"\ncommand = ["x"]\nprompt = "y"', 1, "needs one of `command`"),
        ('[[hooks]]\nevent = "A"\nmatcher = "a("\ncommand = ["x"]', 1, "is no pattern"),
        ("[limits\nmax_turns = 1", 1, "not valid TOML"),
        ('a = "x', 1, "not valid TOML"),
        ("model = \n", 1, "not valid TOML"),
    ],
)
def test_a_wrong_line_is_named(world, text, line, words):
    file = world.user(text)
    error = refusal(world)
    assert (error.file, error.line) == (str(file), line)
    assert words in str(error)
    assert str(error).startswith(f"{file}:{line}: ")


def test_a_hook_is_a_program_an_address_a_question_or_the_tool_of_a_server(world):
    ways = ('command = ["x"]', 'url = "https://x"', 'prompt = "ok?"', 'tool = "mcp__a__b"')
    world.user("".join(f'[[hooks]]\nevent = "Stop"\nmatcher = "*"\n{way}\n' for way in ways))
    assert len(world.load().settings.hooks) == 4


def test_all_faults_are_told_and_the_first_gives_the_position(world):
    user = world.user('mode = "write"\n[limits]\nmax_turn = 1\n[tui]\nthem = "x"')
    shared = world.shared("[limit]\nmax_turns = 1")
    error = refusal(world, mode="raed")
    assert (error.file, error.line) == (str(user), 3)
    for words in (f"{user}:5: unknown key `tui.them`", f"{shared}:1: unknown key `limit`", "raed"):
        assert words in str(error)


def test_a_fault_below_a_stronger_layer_is_still_told(world):
    world.user("[limits]\nmax_turns = []")
    world.local("[limits]\nmax_turns = 4")
    assert refusal(world).line == 2


def test_a_wrong_flag_is_told_without_the_place_of_a_file(world):
    world.user('model = "openai/x"')
    error = refusal(world, model="opnai/x")
    assert error.file == ""
    assert "did you mean `openai`?" in str(error)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ION_MODE", "raed"),
        ("ION_LIMITS__MAX_TURNS", "many"),
        ("ION_LIMITS__MAX_TURN", "1"),
        ("ION_MODEL", "opnai/x"),
        ("ION_FALLBACK_MODELS", "[broken"),
    ],
)
def test_a_wrong_variable_is_an_error(world, name, value):
    world.env = {name: value}
    assert refusal(world).file == ""


def test_bytes_that_are_not_text_are_told_with_their_line(world):
    file = world.user("")
    file.write_bytes(b'model = ""\n# \xff\n')
    assert refusal(world).line == 2


def test_a_secret_of_the_wrong_type_is_not_repeated(world):
    world.user('[providers.openai]\nheaders = "Bearer hidden"\napi_key = 12345')
    message = str(refusal(world))
    assert "hidden" not in message
    assert "12345" not in message


def test_a_folder_in_the_place_of_the_file_is_told(world):
    world.places.user_file.mkdir(parents=True)
    assert "cannot be read" in str(refusal(world))


def test_a_rule_keeps_its_line_when_another_is_taken_out(world):
    world.shared(
        '[[permissions.rules]]\ntool = "a"\ndecision = "allow"\n'
        '[[permissions.rules]]\ntool = "b"\ndecision = "maybe"'
    )
    assert refusal(world).line == 6
