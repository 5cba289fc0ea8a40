"""``ion login``, ``ion logout`` and ``ion auth`` as a person or a script meets them."""

from __future__ import annotations

import io
import json

import pytest

from ion_core.cli.main import main


@pytest.fixture
def ion(monkeypatch, capsys, tmp_path):
    """Runs a command with something on its pipe; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, pipe: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(pipe))
        code = main(words)
        return code, *capsys.readouterr()

    return run


def test_a_key_comes_in_by_a_pipe_and_is_never_shown(ion, ion_home):
    code, out, err = ion("login", "groq", pipe="gsk_secret99\n")
    assert code == 0
    assert out == "Logged in to groq. Try: ion -m groq/openai/gpt-oss-120b\n"
    assert "gsk_secret99" in (ion_home / "auth.json").read_text()
    shown = out + err + "".join(ion("auth")[1:]) + ion("auth", "--json")[1]
    assert "secret99" not in shown


def test_auth_says_which_source_wins(ion, monkeypatch):
    ion("login", "groq", pipe="gsk_1\n")
    monkeypatch.setenv("GROQ_API_KEY", "gsk_2")
    out = ion("auth")[1]
    assert "groq  GROQ_API_KEY (without it: login)\n" in out
    assert "openai (OPENAI_API_KEY)" in out
    assert "chatgpt (login)" in out
    rows = {row["provider"]: row for row in json.loads(ion("auth", "--json")[1])}
    assert rows["groq"]["source"] == "GROQ_API_KEY"
    assert rows["groq"]["also"] == ["login"]
    assert rows["openai"] == {
        "provider": "openai",
        "source": None,
        "also": [],
        "variable": "OPENAI_API_KEY",
        "ways": ["key"],
    }


def test_logout_says_what_still_gives_a_key(ion, monkeypatch):
    ion("login", "groq", pipe="gsk_1\n")
    monkeypatch.setenv("GROQ_API_KEY", "gsk_2")
    assert ion("logout", "groq")[1] == (
        "Logged out of groq. Its key comes from elsewhere (GROQ_API_KEY).\n"
    )
    assert ion("logout", "groq")[1].startswith("ion keeps no login of groq.")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("login",), "Say which provider"),
        (("login", "groq"), "No key came in"),
        (("login", "grog"), "did you mean `groq`"),
        (("login", "claude-max"), "console.anthropic.com"),
        (("login", "gemini-cli"), "AI Studio"),
        (("login", "gemini"), "AI Studio"),
        (("login", "anthropi"), "did you mean `anthropic`? `ion auth`"),
        (("login", "chatgpt"), "say yes with --yes"),
        (("login", "copilot", "--yes"), "ion config set providers.copilot.client_id"),
        (("login", "groq", "--way", "browser"), "It has: key"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(ion, words, sentence):
    code, out, err = ion(*words)
    assert (code, out) == (2, "")
    assert sentence in err


def test_a_claude_token_is_refused(ion, ion_home):
    code, _, err = ion("login", "anthropic", pipe="sk-ant-oat01-secret\n")
    assert code == 1
    assert "ion login anthropic" in err
    assert "secret" not in err
    assert not (ion_home / "auth.json").exists()


def test_another_vendors_key_needs_a_yes(ion):
    code, _, err = ion("login", "openai", pipe="gsk_1\n")
    assert code == 2
    assert "looks like a key of groq" in err
    assert ion("login", "openai", "--yes", pipe="gsk_1\n")[0] == 0


def test_a_damaged_file_is_a_warning(ion, ion_home):
    ion_home.mkdir(exist_ok=True)
    (ion_home / "auth.json").write_text("{")
    code, _, err = ion("auth")
    assert code == 0
    assert "warning: " in err
    assert "is damaged" in err
