"""A stop by the shell: the terminal is given back between two steps of the loop, not inside one."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ion_tui import terminal


class Screen:
    """The parts of Textual's driver that a stop uses. Its queue has one lock, not a reentrant one,
    as that of Textual's writer."""

    _auto_restart, _must_signal_resume, fileno = True, False, 0

    def __init__(self) -> None:
        self.lock, self.done = threading.Lock(), list[str]()

    def write(self, number: int = 0) -> None:
        """Write. With the number of a signal, that arrives in the middle."""
        assert self.lock.acquire(timeout=0), "a signal's handler waits for what it interrupted"
        if number:
            os.kill(os.getpid(), number)
        self.lock.release()

    def suspend_application_mode(self) -> None:
        self.write()
        self.done.append("given back")

    def resume_application_mode(self) -> None:
        self.write()
        self.done.append("taken")


@pytest.fixture
def handlers() -> Iterator[None]:
    numbers = (signal.SIGTSTP, signal.SIGCONT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def screen(handlers: None, monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen()

    def sleep() -> None:  # the shell lets it go on at once
        made.done.append("asleep")
        os.kill(os.getpid(), signal.SIGCONT)

    monkeypatch.setattr(terminal, "_sleep", sleep)
    monkeypatch.setattr(terminal, "_in_front", lambda _: made.done.count("asleep") != 1)
    return made


async def told(screen: Any, number: int) -> list[str]:
    terminal.on_stop(screen)
    screen.write(number)
    during = list(screen.done)
    for _ in range(3):
        await asyncio.sleep(0)
    return during


async def test_a_stop_inside_a_write_waits_for_its_end(screen: Screen) -> None:
    assert await told(screen, signal.SIGTSTP) == []
    assert screen.done == ["given back", "asleep", "asleep", "taken"]  # the first time: `bg`
    assert screen._must_signal_resume


async def test_after_a_stop_nobody_was_told_of_the_terminal_is_taken_anew(screen: Screen) -> None:
    await told(screen, signal.SIGCONT)
    assert screen.done == ["given back", "taken"]
    assert screen._must_signal_resume


async def test_while_an_editor_has_the_terminal_a_stop_is_only_a_stop(screen: Screen) -> None:
    screen._auto_restart = False
    assert await told(screen, signal.SIGTSTP) == ["asleep"]
    assert screen.done == ["asleep"]
