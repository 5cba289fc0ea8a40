"""What the terminal says and what it is told: keys that Textual misreads, the clipboard, the end.

The sequences are those of xterm's ``modifyOtherKeys`` (``CSI 27;modifier;code~``), which tmux sends
with ``extended-keys-format xterm``, and of an 8-bit keyboard (``ESC`` before the key for Alt).
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from ion_tui import backdrop

OSC_LIMIT_BYTES = 74_000
"""Base64 that terminals take in one OSC 52 (xterm's and tmux's limit is near 75,000)."""
COPY_LIMIT_S = 2.0

_OTHER_KEY = re.compile(r"\x1b\[27;(\d+);(\d+)~")
_BROKEN_MOUSE = re.compile(r"\x1b\[<[\d;NanInf.-]*[mM]")
_ENDS_OF_OSC = ("\x07", "\x1b\\")
_SPECIAL = {13: "enter", 9: "tab", 27: "escape", 32: "space", 127: "backspace", 8: "backspace"}
_ESCAPED = {
    "\x1b\r": "alt+enter",
    "\x1b\n": "alt+enter",
    "\x1b.": "alt+full_stop",
    "\x1b,": "alt+comma",
}
_ESCAPED |= {f"\x1b{digit}": f"alt+{digit}" for digit in "0123456789"}


class IonParser(XTermParser):
    """Textual's parser with its misreadings mended (`tui.md` §3.9.5)."""

    _told = False

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        told, self._told = self._told, False
        if told and sequence in _ENDS_OF_OSC:
            yield events.Key("<ignore>", sequence)
        elif (answer := backdrop.answer(sequence)) is not None:
            self._told = True
            yield answer
        else:
            yield from self._keys(sequence, alt)

    def _keys(self, sequence: str, alt: bool) -> Iterable[events.Key]:
        name = _ESCAPED.get(("\x1b" if alt else "") + sequence)
        if name is not None:
            yield events.Key(name, None)
        elif match := _OTHER_KEY.fullmatch(sequence):
            yield events.Key(_other_key(int(match[1]), int(match[2])), None)
        elif not _BROKEN_MOUSE.fullmatch(sequence):
            yield from super()._sequence_to_key_events(sequence, alt=alt)
        elif self.parse_mouse_code(sequence) is None:
            yield events.Key("<ignore>", sequence)


def _other_key(modifier: int, code: int) -> str:
    bits = modifier - 1
    held = [name for bit, name in ((2, "alt"), (4, "ctrl"), (1, "shift")) if bits & bit]
    return "+".join([*held, _SPECIAL.get(code, chr(code).lower())])


def mend_input() -> None:
    """Have Textual's driver read the keyboard with :class:`IonParser`. It names the class in its
    module and offers no other way to give it one."""
    vars(linux_driver)["XTermParser"] = IonParser


def trust_terminal() -> None:
    """Let the terminal say how large it is: exported ``COLUMNS`` and ``LINES`` would win over it,
    and would stay as they are when it is resized."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)


def end_within(limit_s: float, code: int) -> None:
    """End the process with this exit code when it still lives after so long: a terminal that is
    gone can neither be drawn upon nor read, and whoever waits for it waits for ever."""
    timer = threading.Timer(limit_s, os._exit, (code,))
    timer.daemon = True
    timer.start()


def on_end(leave: Callable[[int], object]) -> None:
    """Call ``leave`` with the number of the signal when the process is asked to end, or its
    terminal is closed. Only once: a second signal ends the process as ever."""
    loop, numbers = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGHUP)

    def heed(number: int) -> None:
        for known in numbers:
            loop.remove_signal_handler(known)
        leave(number)

    for number in numbers:
        loop.add_signal_handler(number, heed, number)


def use_mouse(driver: object, *, wanted: bool) -> None:
    """Leave the mouse to the terminal, or take it again. Textual decides that once, before there
    are settings, and has no other door."""
    if isinstance(driver, LinuxDriver) and driver._mouse is not wanted:
        if wanted:
            driver._mouse = True
            driver._enable_mouse_support()
        else:
            driver._disable_mouse_support()
            driver._mouse = False


def on_stop(driver: LinuxDriver) -> None:
    """Give the terminal back when the process is stopped (Ctrl+Z), take it when it goes on.

    Textual's own handlers write where the signal finds the thread, which may be inside the lock of
    the very queue that they write to: it never goes on. So these only ask the loop, which does all
    of it in one step. While another program has the terminal the loop stands still and there is
    nothing to write: stop at once."""
    loop, given_back = asyncio.get_running_loop(), False

    def stop() -> None:
        nonlocal given_back
        given_back = True
        driver.suspend_application_mode()
        _sleep()
        while not _in_front(driver.fileno):  # the shell's `bg`: there is nothing to do there
            _sleep()
        driver._must_signal_resume = True  # it has the app paint all of the screen
        driver.resume_application_mode()
        given_back = False

    def go_on() -> None:
        """After a ``SIGSTOP``, which nobody is told of: the shell has changed the terminal."""
        if _in_front(driver.fileno):
            driver.suspend_application_mode()
            driver._must_signal_resume = True
            driver.resume_application_mode()
        else:
            stop()

    def heed(number: int, _: object) -> None:
        lent = not driver._auto_restart
        if lent and number == signal.SIGTSTP:
            _sleep()
        elif not lent and not given_back:
            loop.call_soon_threadsafe(stop if number == signal.SIGTSTP else go_on)

    for number in (signal.SIGTSTP, signal.SIGCONT):
        signal.signal(number, heed)


def _sleep() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)  # returns when somebody sends SIGCONT


def _in_front(tty: int) -> bool:
    try:
        return os.tcgetpgrp(tty) == os.getpgrp()
    except OSError:  # it is no terminal, or gone: that is found out elsewhere
        return True


def copy(text: str, env: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Put text on the clipboard. Returns how, in words, and what the terminal must be sent for it
    (empty when a program did it). Blocks for at most two seconds: call it in a thread."""
    for program in _programs(env):
        if _ran(program, text):
            return program[0], ""
    data = base64.b64encode(text.encode()).decode("ascii")
    if len(data) > OSC_LIMIT_BYTES:
        return "", ""
    sequence = f"\x1b]52;c;{data}\x07"
    return "OSC 52", wrapped(sequence) if env.get("TMUX") else sequence


def wrapped(sequence: str) -> str:
    """For the terminal around tmux (its DCS passthrough doubles every ESC)."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def _programs(env: Mapping[str, str]) -> list[list[str]]:
    if env.get("TMUX"):
        return [["tmux", "load-buffer", "-w", "-"]]
    if env.get("SSH_TTY") or env.get("SSH_CONNECTION"):
        return []
    found = [["pbcopy"], ["clip.exe"]]
    found += [["wl-copy"]] if env.get("WAYLAND_DISPLAY") else []
    found += [["xclip", "-selection", "clipboard"], ["xsel", "-ib"]] if env.get("DISPLAY") else []
    return [program for program in found if shutil.which(program[0])]


def _ran(program: list[str], text: str) -> bool:
    try:
        done = subprocess.run(
            program,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=COPY_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
