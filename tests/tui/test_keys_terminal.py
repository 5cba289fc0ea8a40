"""What terminals send, and what the clipboard is sent."""

from __future__ import annotations

import base64

import pytest
from textual import events

from ion_tui import terminal
from ion_tui.terminal import IonParser


def keys(data: str) -> list[str]:
    parser = IonParser()
    found = [*parser.feed(data)]
    return [event.key for event in found if isinstance(event, events.Key)]


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b[27;2;13~", "shift+enter"),
        ("\x1b[27;5;13~", "ctrl+enter"),
        ("\x1b[27;3;13~", "alt+enter"),
        ("\x1b[27;5;106~", "ctrl+j"),
        ("\x1b[27;2;9~", "shift+tab"),
        ("\x1b[13;2u", "shift+enter"),
        ("\x1b\r", "alt+enter"),
        ("\n", "ctrl+j"),
        ("\r", "enter"),
        ("\x1b[1;3A", "alt+up"),
        ("\x1bb", "ctrl+left"),
        ("\x1b[Z", "shift+tab"),
    ],
)
def test_a_sequence_is_read_as_its_key(sent: str, key: str) -> None:
    assert keys(sent) == [key]


@pytest.mark.parametrize(("sent", "key"), [("\x1b1", "alt+1"), ("\x1b.", "alt+full_stop")])
def test_alt_with_a_digit_or_a_dot_is_no_strange_letter(sent: str, key: str) -> None:
    assert keys(sent) == [key]


def test_a_malformed_mouse_report_types_nothing() -> None:
    assert [key for key in keys("\x1b[<32;NaN;NaNMx") if key != "<ignore>"] == ["x"]


def test_over_ssh_the_text_travels_in_the_terminals_own_sequence() -> None:
    way, sequence = terminal.copy("héllo\n", {"SSH_TTY": "/dev/pts/1"})
    assert way == "OSC 52"
    data = sequence.removeprefix("\x1b]52;c;").removesuffix("\x07")
    assert base64.b64decode(data).decode() == "héllo\n"


def test_text_too_long_for_a_terminal_is_not_half_copied() -> None:
    assert terminal.copy("x" * 100_000, {"SSH_TTY": "/dev/pts/1"}) == ("", "")


def test_inside_tmux_without_its_program_the_sequence_is_wrapped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    way, sequence = terminal.copy("hi", {"TMUX": "/tmp/none,1,0"})
    assert way == "OSC 52"
    assert sequence.startswith("\x1bPtmux;\x1b\x1b]52;c;")
    assert sequence.endswith("\x1b\\")
