"""Two processes that renew a ChatGPT login at the same moment keep one valid token."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import pytest

from ion_core.providers.auth.logins import Tokens
from ion_core.providers.auth.store import AuthStore
from tests.fakes.authorisation import AuthorisationServer

ROUNDS = 6
CHILD = """
import asyncio, json, sys
from pathlib import Path
from ion_core.accounts import Accounts
from ion_core.providers.auth.servers import Servers
from ion_core.config.builtin import BUILTIN
from ion_core.config.schema import Settings

async def main(home, site):
    accounts = Accounts(Settings(providers=BUILTIN), {}, Path(home), addresses=Servers(openai=site))
    for line in sys.stdin:
        credential = accounts.credential("chatgpt")
        if line.startswith("renew"):
            before = await credential.grant()
            await credential.renew(before)
        print(json.dumps((await credential.grant()).key), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


async def started(home: Path, site: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, str(home), site,
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip


async def answer(child: Process, word: str) -> str:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{word}\n".encode())
    await child.stdin.drain()
    return str(json.loads(await asyncio.wait_for(child.stdout.readline(), 60)))


async def ended(home: Path) -> None:
    """Make the kept access token one that is about to end."""
    async with AuthStore(home).writing() as book:
        kept = book.login("chatgpt")
        assert isinstance(kept, Tokens)
        tokens = Tokens(access=kept.access, refresh=kept.refresh, expires_at=1.0, account="a")
        book.put("chatgpt", tokens)


@pytest.mark.parametrize("word", ["grant", "renew"])
async def test_two_processes_that_renew_at_once_keep_one_valid_token(tmp_path, word):
    home = tmp_path / ".ion"
    async with AuthorisationServer() as server:
        first = server.issue()
        async with AuthStore(home).writing() as book:
            book.put("chatgpt", Tokens(access="access-1", refresh="refresh-1", expires_at=1.0))
        assert first["refresh_token"] == "refresh-1"
        children = [await started(home, server.site) for _ in range(2)]
        try:
            for _ in range(ROUNDS):
                await ended(home)
                keys = await asyncio.gather(*(answer(child, word) for child in children))
                kept = AuthStore(home).logins()["chatgpt"]
                assert isinstance(kept, Tokens)
                assert kept.refresh == server.refresh
                assert kept.access in keys
                assert not server.ended
            if word == "grant":
                assert set(keys) == {kept.access}
                assert len(server.asked) == ROUNDS
        finally:
            for child in children:
                child.kill()
                await child.communicate()
