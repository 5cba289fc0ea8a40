"""Keys that ion was given are in nothing that it writes: no trace, no error, no export."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import PIPE
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from ion_core.cli.main import main
from ion_core.providers.redaction import redacted, without
from tests.fakes.chat_server import ChatServer, refused, said
from tests.fakes.pty_bytes import PtyBytes
from tests.fakes.scripted_home import ION, scripted_home

IN_CONFIG, IN_ENV, IN_LOGIN = "canary/config+key=0001", "canary:env/key&0002", "gsk_canaryLogin0003"
CANARIES = (IN_CONFIG, IN_ENV, IN_LOGIN)


def forms(key: str) -> tuple[str, ...]:
    return key, quote(key, safe=""), b64encode(key.encode()).decode().rstrip("=")


FORMS = [form for key in CANARIES for form in forms(key)]
EVERYWHERE = " and ".join(FORMS)
OWN_FILES = ("auth.json", "config.toml", "sessions.db", "sessions.db-wal")
"""Where a key belongs, and the sessions themselves, which are what was said."""


async def ion(home: Path, cwd: Path, *words: str, typed: bytes = b"") -> str:
    """Everything that a command says."""
    env = {**os.environ, "ION_HOME": str(home), "PYTHONPATH": os.getcwd()}
    env |= {"ION_LOG": "debug", "CANARY_API_KEY": IN_ENV}
    process = await asyncio.create_subprocess_exec(
        *ION, *words, cwd=cwd, env=env, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate(typed)
    return (out + err).decode()


def leaks(text: str) -> list[str]:
    return [form for form in FORMS if form in text or json.dumps(form)[1:-1] in text]


async def test_no_key_is_in_anything_that_a_failing_session_leaves(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    errors = [refused(400, f"was refused: {' '.join(forms(key))}") for key in (IN_CONFIG, IN_ENV)]
    async with ChatServer([said("Hello."), *errors]) as server:
        providers = "".join(
            f"[providers.{name}]\nprotocol = 'openai-chat'\nbase_url = '{server.base_url}'\n{key}\n"
            for name, key in (
                ("conf", f"api_key = '{IN_CONFIG}'"),
                ("env", "api_key_env = 'CANARY_API_KEY'"),
            )
        )
        (home / "config.toml").write_text(f"model = 'conf/fake'\n{providers}")
        heard = [await ion(home, tmp_path, "login", "groq", typed=IN_LOGIN.encode() + b"\n")]
        asked = ("run", "--trust-once", "--output-format", "json")
        heard.append(await ion(home, tmp_path, *asked, f"say {EVERYWHERE}"))
        session = json.loads(heard[-1].splitlines()[0])["session"]
        for model in ("conf/fake", "env/fake"):
            heard.append(await ion(home, tmp_path, *asked, "-m", model, "go"))
            assert "was refused" in heard[-1]
    heard.append(await ion(home, tmp_path, "auth"))
    heard.append(await ion(home, tmp_path, "config", "get"))
    exported = [
        await ion(home, tmp_path, "sessions", "show", session, *flags)
        for flags in ((), ("--json",))
    ]
    assert all("[key]" in said for said in exported)
    assert leaks("".join(exported)) == []
    assert [form for said in heard[2:] for form in leaks(said)] == []
    assert leaks(heard[0]) == []
    for file in home.rglob("*"):
        if file.is_file() and file.name not in OWN_FILES and file.parent.name != "blobs":
            written = file.read_bytes().decode("utf-8", "replace")
            assert leaks(written) == [], file


def test_a_crash_repeats_no_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CANARY_API_KEY", IN_ENV)

    def broken(options: object) -> int:
        raise RuntimeError(f"half way with {IN_ENV} and sk-abcdefgh12345678")

    assert main([], app=broken) == 1
    said = capsys.readouterr().err
    assert "RuntimeError: half way with [key] and [key]" in said
    assert IN_ENV not in said


BROKEN_APP = """
from pathlib import Path
from ion_core.cli.main import app_options
from ion_tui.guarded import GuardedApp

def on_ready(self):
    held = "sk-heldInAVariable12345"
    raise RuntimeError("broke with sk-inTheMessage12345678 \\x1b]0;owned\\x07!")

GuardedApp.on_ready = on_ready
raise SystemExit(GuardedApp.open(Path.cwd(), app_options(["--trust-once"])))
"""


def test_a_crash_of_the_app_repeats_no_key_and_no_control(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": "never said"}])
    program = tmp_path / "broken.py"
    program.write_text(BROKEN_APP)
    app = PtyBytes([str(program)], env, tmp_path, (40, 120))
    try:
        assert app.ended() == 1
    finally:
        app.close()
    said = app.sent.decode("utf-8", "replace")
    assert "RuntimeError: broke with [key] !" in said
    assert "heldInAVariable" not in said
    assert "\x1b]0;owned" not in said


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://me:hunter22@example.com/x", "https://me:[key]@example.com/x"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----!", "[private key]!"),
        ("-----BEGIN PRIVATE KEY-----\ncut off", "[private key]"),
        ("token xoxb-123456789012", "token [key]"),
        ("cookie = bake()", "cookie = bake()"),
    ],
)
def test_what_can_only_be_a_secret_is_hidden(text: str, clean: str) -> None:
    assert without(text) == clean


def test_a_header_is_hidden_where_servers_repeat_it() -> None:
    assert redacted("Authorization: Bearer abc.def") == "Authorization: Bearer [key]"
