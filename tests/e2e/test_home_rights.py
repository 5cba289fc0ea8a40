"""Whatever ion keeps is its owner's alone, also for a person whose umask hides nothing."""

from __future__ import annotations

import asyncio
import os
import stat
import struct
import zlib
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.fakes.chat_server import ChatServer, refused, said
from tests.fakes.scripted_home import ION


def a_png() -> bytes:
    """One grey pixel (PNG, third edition)."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\x80")),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def configured(home: Path, address: str) -> None:
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text(
        f'model = "fake/m"\n\n[providers.fake]\nprotocol = "openai-chat"\nbase_url = "{address}"\n'
        "[providers.fake.models.m]\nvision = true\ncontext_window = 100000\n"
    )
    (home / "config.toml").chmod(0o600)


async def ion(home: Path, cwd: Path, *words: str, said: bytes = b"") -> int:
    env = {**os.environ, "ION_HOME": str(home), "PYTHONPATH": os.getcwd(), "ION_LOG": "debug"}
    process = await asyncio.create_subprocess_exec(
        *ION, *words, cwd=cwd, env=env, stdin=PIPE, stdout=PIPE, stderr=PIPE,
        preexec_fn=lambda: os.umask(0) and None,
    )  # fmt: skip
    _, complaints = await process.communicate(said)
    assert b"Traceback" not in complaints, complaints.decode()
    return process.returncode or 0


def open_to_others(home: Path) -> dict[str, str]:
    """What somebody else could use, with its mode."""
    found = {}
    for path in (home, *home.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink() and mode & 0o077:
            found[str(path.relative_to(home))] = f"{mode:04o}"
    return found


async def test_everything_below_the_home_is_private_after_a_full_session(tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    work.mkdir()
    (work / "a.png").write_bytes(a_png())
    replies = [
        said(calls=[("bash", {"command": "seq 100000"}), ("read", {"path": "a.png"})]),
        said(calls=[("write", {"path": "sub/new.txt", "content": "x\n"})]),
        said("Done."),
        refused(400, "no such thing"),
    ]
    async with ChatServer(replies) as server:
        configured(home, server.base_url)
        assert await ion(home, work, "run", "--trust-once", "go") == 0
        assert await ion(home, work, "run", "--trust-once", "go") == 1
    assert await ion(home, work, "login", "groq", said=b"gsk_abcdefgh12345678\n") == 0
    assert await ion(home, work, "config", "set", "--user", "mode", "read") == 0
    kept = {str(path.relative_to(home)).split("/")[0] for path in home.rglob("*")}
    assert {"auth.json", "blobs", "cache", "config.toml", "logs", "sessions.db"} <= kept
    assert list(home.rglob("*.txt")) or list(home.rglob("call*")), "nothing was spilled"
    assert open_to_others(home) == {}
    assert stat.S_IMODE((work / "sub/new.txt").stat().st_mode) == 0o666, "the person's umask holds"
