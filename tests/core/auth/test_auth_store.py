"""The file of logins: private, whole, shared by processes, and never thrown away."""

from __future__ import annotations

import asyncio
import stat
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from ion_core.errors import ConfigError
from ion_core.providers.auth.logins import InKeychain, KeptKey, Tokens
from ion_core.providers.auth.store import AuthStore
from tests.fakes.authorisation import Person

ALL = {
    "a": KeptKey(key="k1"),
    "b": InKeychain(),
    "c": Tokens(access="x", refresh="y", expires_at=5.0, account="z"),
}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def put(store: AuthStore, **logins) -> None:
    async with store.writing() as book:
        for provider, login in logins.items():
            book.put(provider, login)


async def test_logins_come_back_as_they_were(home):
    await put(AuthStore(home), **ALL)
    assert AuthStore(home).logins() == ALL


async def test_file_and_folder_are_the_owners_alone(home):
    home.mkdir(parents=True, mode=0o755)
    await put(AuthStore(home), **ALL)
    assert (mode(home), mode(home / "auth.json")) == (0o700, 0o600)
    assert sorted(file.name for file in home.iterdir()) == ["auth.json", "auth.json.lock"]


async def test_permissions_that_are_too_wide_are_corrected_and_said(home):
    await put(AuthStore(home), **ALL)
    (home / "auth.json").chmod(0o644)
    store = AuthStore(home)
    assert store.logins() == ALL
    assert mode(home / "auth.json") == 0o600
    assert "could be read by others (mode 0644)" in store.complaints[0]
    assert store.logins() == ALL
    assert len(store.complaints) == 1


@pytest.mark.parametrize(
    "damage", [b"", b"{", b'{"version":1,"logins":{"a":5}}', b"\xff\xfe\x00", b"[]", b"null"]
)
async def test_a_damaged_file_is_said_and_moved_aside_by_the_next_login(make, home, damage):
    home.mkdir(parents=True)
    (home / "auth.json").write_bytes(damage)
    (home / "auth.json").chmod(0o600)
    accounts = make()
    assert not accounts.has_key("groq")
    assert "is damaged" in accounts.complaints[0]
    await accounts.log_in("groq", "key", Person("gsk_1"))
    (aside,) = home.glob("auth.json.broken-*")
    assert aside.read_bytes() == damage
    assert str(aside) in accounts.complaints[-1]
    assert make().has_key("groq")


async def test_a_newer_file_is_not_overwritten(home):
    home.mkdir(parents=True)
    newer = '{"version": 2, "logins": {"a": {"kind": "passkey"}}}'
    (home / "auth.json").write_text(newer)
    store = AuthStore(home)
    assert store.logins() == {}
    assert "newer ion" in store.complaints[1]
    await put(store, b=ALL["b"])
    (aside,) = home.glob("auth.json.broken-*")
    assert aside.read_text() == newer


async def test_a_change_by_another_process_is_seen(home):
    mine, other = AuthStore(home), AuthStore(home)
    await put(mine, a=ALL["a"])
    await put(other, b=ALL["b"])
    assert set(mine.logins()) == {"a", "b"}
    await put(mine, b=None)
    assert set(other.logins()) == {"a"}


async def test_writers_take_turns(home):
    async def add(number: int) -> None:
        async with AuthStore(home).writing() as book:
            assert book.login(str(number)) is None
            await asyncio.sleep(0)
            book.put(str(number), KeptKey(key="k"))

    await asyncio.gather(*(add(number) for number in range(12)))
    assert len(AuthStore(home).logins()) == 12


async def test_waiting_for_the_lock_can_be_given_up(home):
    async with AuthStore(home).writing():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), AuthStore(home).writing():
                raise AssertionError
    await put(AuthStore(home), a=ALL["a"])


async def test_a_dead_holder_holds_no_lock(home):
    home.mkdir(parents=True)
    script = (
        "import fcntl, os, sys\n"
        f"handle = os.open({str(home / 'auth.json.lock')!r}, os.O_RDWR | os.O_CREAT)\n"
        "fcntl.flock(handle, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=PIPE, stdin=PIPE
    )
    assert holder.stdout is not None
    await holder.stdout.readline()
    holder.kill()
    await put(AuthStore(home), a=ALL["a"])
    await holder.communicate()


async def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        await put(AuthStore(tmp_path / "file" / ".ion"), a=ALL["a"])


def test_having_no_file_is_quiet(home):
    store = AuthStore(home)
    assert store.logins() == {}
    assert store.complaints == []
    assert not home.exists()
