"""Exact counts, by the real process and the real ranks."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ion_core.context.counter import LIMIT_BYTES, Counter
from ion_core.context.tokens import LARGE_BYTES, Tokens
from ion_core.context.vocabulary import SHA256, unpacked
from ion_core.entries import Entry
from ion_core.ids import entry_id
from ion_core.messages import Message, Origin, Text, user
from ion_core.usage import Usage

PATIENT_S = 60.0


@pytest.fixture(scope="module")
def ranks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiktoken")
    unpacked(folder)
    return folder


def children() -> set[str]:
    """The counting processes that this one has started and not yet buried."""
    shown = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, check=True, text=True
    )
    rows = (line.split(maxsplit=2) for line in shown.stdout.splitlines())
    return {
        pid
        for pid, parent, *words in rows
        if parent == str(os.getpid()) and "ion_core.context.counting" in "".join(words)
    }


def test_the_ranks_are_unpacked_once_and_mended_when_damaged(tmp_path: Path) -> None:
    file = unpacked(tmp_path / "tiktoken")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == SHA256
    file.write_bytes(b"half")
    assert unpacked(tmp_path / "tiktoken") == file
    assert hashlib.sha256(file.read_bytes()).hexdigest() == SHA256
    assert list(file.parent.iterdir()) == [file]


async def test_texts_are_counted_one_after_the_other(ranks: Path) -> None:
    counter = Counter(ranks)
    try:
        assert await counter.count("hello world", patience_s=PATIENT_S) == 2
        assert await counter.count("", patience_s=PATIENT_S) == 0
        assert await counter.count("<|endoftext|>", patience_s=PATIENT_S) > 1
        both = (counter.count(word * 10, patience_s=PATIENT_S) for word in (" yes", " no yes"))
        assert await asyncio.gather(*both) == [10, 20]
        assert await counter.count("\ud800 lone", patience_s=PATIENT_S) is not None
    finally:
        await counter.aclose()


async def test_an_answer_that_nobody_waited_for_is_not_taken_for_another(ranks: Path) -> None:
    counter = Counter(ranks)
    try:
        assert await counter.count(" yes" * 50, patience_s=0.05) is None
        asking = asyncio.ensure_future(counter.count(" yes" * 70, patience_s=PATIENT_S))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await counter.count(" yes" * 30, patience_s=PATIENT_S) == 30
    finally:
        await counter.aclose()


async def test_a_process_that_died_is_replaced(ranks: Path) -> None:
    counter = Counter(ranks)
    try:
        assert await counter.count("one", patience_s=PATIENT_S) == 1
        (pid,) = children()
        os.kill(int(pid), 9)
        assert await counter.count("one two", patience_s=PATIENT_S) == 2
    finally:
        await counter.aclose()
    assert not children()


async def test_without_a_working_process_there_is_no_count(tmp_path: Path, ranks: Path) -> None:
    for python in ("/bin/false", "", str(tmp_path / "absent")):
        counter = Counter(ranks, python=python)
        assert await counter.count("one", patience_s=PATIENT_S) is None
        await counter.aclose()
    (tmp_path / "file").write_text("")
    nowhere = Counter(tmp_path / "file" / "tiktoken")
    assert await nowhere.count("one", patience_s=PATIENT_S) is None
    await nowhere.aclose()


async def test_a_giant_text_is_not_counted(ranks: Path) -> None:
    counter = Counter(ranks)
    assert await counter.count("x" * (LIMIT_BYTES + 1), patience_s=PATIENT_S) is None
    await counter.aclose()


def test_the_process_ends_with_its_input(ranks: Path) -> None:
    command = [sys.executable, "-P", "-m", "ion_core.context.counting", str(ranks)]
    done = subprocess.run(command, input=b"7 3\none8 9\nhalf", capture_output=True, check=True)
    assert done.stdout == b"7 1\n"


async def test_a_large_increment_is_counted_exactly_and_a_small_one_is_not(ranks: Path) -> None:
    tokens = Tokens(ranks.parent)
    origin = Origin(protocol="openai-chat", provider="p", base_url="", model="m")
    usage = Usage(input=5000)
    before = Message(
        role="assistant", parts=(Text(text="go"),), origin=origin, stop="end_turn", usage=usage
    )
    try:
        units = []
        for text in (" yes" * LARGE_BYTES, " yes"):
            path = [
                Entry(id=entry_id(row), parent=None, at=0.0, body=body)
                for row, body in enumerate((before, user(text)), 1)
            ]
            said = await tokens.refined(
                path, system="", tools=(), provider="p", model="m", patience_s=PATIENT_S
            )
            units.append(said.unit)
        assert units == ["ranks", "characters"]
    finally:
        await tokens.aclose()


def test_ion_itself_never_loads_the_tokeniser() -> None:
    script = "import sys, ion_core.context.tokens; print('tiktoken' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"False\n"
