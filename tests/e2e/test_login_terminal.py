"""``ion login`` in a real terminal: a list, a hidden key, a browser that is elsewhere."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from ptyprocess import PtyProcess

from tests.fakes.authorisation import AuthorisationServer

BY_BROWSER = """
import asyncio, os, sys
from pathlib import Path
from ion_core.accounts import Accounts
from ion_core.providers.auth.servers import Servers
from ion_core.cli.companion import Terminal
from ion_core.config.builtin import BUILTIN
from ion_core.config.schema import Settings

home, site = sys.argv[1:]
accounts = Accounts(
    Settings(providers=BUILTIN), {}, Path(home), addresses=Servers(openrouter=site)
)
asyncio.run(accounts.log_in("openrouter", "browser", Terminal({})))
print("DONE")
"""


class Shell:
    """A program in a terminal, and everything it has shown."""

    def __init__(self, home: Path, *command: str) -> None:
        env = {**os.environ, "ION_HOME": str(home), "PYTHONPATH": os.getcwd(), "COLUMNS": "300"}
        self.shown = ""
        self._pty = PtyProcess.spawn(
            [sys.executable, *command],
            cwd=str(home.parent),
            env=env,
            dimensions=(40, 300),
            # Whoever runs the tests in the background may have told them to ignore Ctrl+C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def until(self, text: str) -> str:
        """Read until ``text`` is there (pytest's own limit ends what never comes)."""
        while text not in self.shown:
            try:
                self.shown += self._pty.read(4096).decode()
            except EOFError:
                pytest.fail(f"{text!r} never came; there was:\n{self.shown}")
        return self.shown

    def type(self, text: str) -> None:
        self._pty.write(text.encode())

    def ended(self) -> int:
        """The exit code, once it has ended by itself."""
        try:
            while True:
                self.shown += self._pty.read(4096).decode()
        except EOFError:
            pass
        self._pty.wait()
        return int(self._pty.exitstatus)

    def close(self) -> None:
        self._pty.close(force=True)


@pytest.fixture
def shell(tmp_path):
    started: list[Shell] = []

    def start(*command: str) -> Shell:
        started.append(Shell(tmp_path / "home", *command))
        return started[-1]

    yield start
    for each in started:
        each.close()


def test_a_provider_is_picked_and_its_key_typed_unseen(shell, tmp_path):
    ion = shell("-m", "ion_core", "login")
    listed = ion.until("Its number or name:")
    number = re.search(r"(\d+)  groq", listed)
    assert number is not None
    ion.type(f"{number.group(1)}\n")
    ion.until("Key for groq: (not shown)")
    ion.type("gsk_typed123\n")
    assert ion.ended() == 0
    assert "Logged in to groq." in ion.shown
    assert "gsk_typed123" not in ion.shown
    kept = json.loads((tmp_path / "home" / "auth.json").read_text())
    assert kept["logins"]["groq"]["key"] == "gsk_typed123"


@pytest.mark.parametrize("key", ["\x04", "\x03"])
@pytest.mark.parametrize(("provider", "question"), [("chatgpt", "[y/N]"), ("groq", "(not shown)")])
def test_giving_up_changes_nothing(shell, tmp_path, provider, question, key):
    ion = shell("-m", "ion_core", "login", provider)
    ion.until(question)
    ion.type(key)
    assert ion.ended() == 130
    assert "Traceback" not in ion.shown
    assert not (tmp_path / "home" / "auth.json").exists()


def test_saying_no_to_the_notice_changes_nothing(shell):
    ion = shell("-m", "ion_core", "login", "chatgpt")
    ion.until("no official OpenAI interface")
    ion.until("[y/N]")
    ion.type("\n")
    assert ion.ended() == 2
    assert "Nothing was changed." in ion.shown


async def test_the_address_is_pasted_while_the_callback_listens(shell, tmp_path):
    async with AuthorisationServer() as server:
        ion = shell("-c", BY_BROWSER, str(tmp_path / "home"), server.site)
        shown = await asyncio.to_thread(ion.until, "(or the code):")
        link = re.search(r"http://\S+/auth\?\S+", shown)
        assert link is not None
        ion.type("not this\n")
        await asyncio.to_thread(ion.until, "Copy all of it.")
        ion.type(f"{server.agree(link.group())}\n")
        assert await asyncio.to_thread(ion.ended) == 0
    assert "DONE" in ion.shown
