"""The terminal: its size, colours, letters, and whether it sends the keys that ion knows."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Final

from ion_core.doctor.base import Check, Patient

LEAST_COLUMNS, LEAST_LINES = 40, 12
"""The smallest screen that the app is drawn for."""
SLOW_ESCAPE_MS = 50
_TMUX_S = 0.5

_MARKS: Final = {
    "KITTY_WINDOW_ID": "kitty",
    "ALACRITTY_WINDOW_ID": "alacritty",
    "KONSOLE_VERSION": "konsole",
    "WT_SESSION": "Windows Terminal",
    "VTE_VERSION": "VTE",
}


def terminal(patient: Patient) -> Check:
    """What the app would be drawn on."""
    env = patient.env
    if not patient.columns:
        return Check(name="terminal", status="ok", detail="There is none here: a pipe or a file.")
    facts = [
        f"TERM={env.get('TERM', '')}",
        f"{patient.columns}x{patient.lines}",
        _colours(env),
        patient.encoding.upper(),
        *filter(None, (name_of(env), "tmux" if env.get("TMUX") else "")),
        *(["over SSH"] if env.get("SSH_CONNECTION") else []),
    ]
    faults = [fault for fault in (*_faults(patient), *_tmux(env)) if fault]
    trouble, fixes = [said for said, _ in faults], [fix for _, fix in faults if fix]
    return Check(
        name="terminal",
        status="warn" if faults else "ok",
        detail=" ".join([f"{', '.join(facts)}.", *trouble]),
        fix=" ".join(fixes),
    )


def name_of(env: Mapping[str, str]) -> str:
    """What the terminal calls itself, where it does."""
    if program := env.get("TERM_PROGRAM", ""):
        return "" if program == "tmux" else program
    return next((name for mark, name in _MARKS.items() if env.get(mark)), "")


def _colours(env: Mapping[str, str]) -> str:
    term = env.get("TERM", "")
    if env.get("NO_COLOR"):
        return "no colours (NO_COLOR)"
    if env.get("COLORTERM", "") in ("truecolor", "24bit") or term.endswith("-direct"):
        return "16 million colours"
    return "256 colours" if "256color" in term else "16 colours"


def _faults(patient: Patient) -> list[tuple[str, str]]:
    """What is wrong, each with what helps."""
    env, faults = patient.env, list[tuple[str, str]]()
    if env.get("TERM", "") in ("", "dumb", "unknown"):
        said = "The app cannot be drawn on it."
        faults.append((said, "Use a terminal that sets TERM, or `ion run`."))
    if patient.columns < LEAST_COLUMNS or patient.lines < LEAST_LINES:
        said = f"It is smaller than {LEAST_COLUMNS}x{LEAST_LINES}."
        faults.append((said, "Make the window larger."))
    if patient.encoding.lower().replace("-", "") != "utf8":
        fix = "export LANG=C.UTF-8, or set tui.ascii = true."
        faults.append(("It is not set to UTF-8, so that lines and marks may be wrong.", fix))
    if env.get("TERM", "").startswith("screen") and not env.get("TMUX"):
        said = "GNU screen passes on neither Shift+Enter nor the clipboard."
        faults.append((said, "Ctrl+J makes a new line; tmux passes both on."))
    return faults


def _tmux(env: Mapping[str, str]) -> list[tuple[str, str]]:
    """The settings of tmux that keys and the clipboard need."""
    if not env.get("TMUX"):
        return []
    known = _tmux_options(env)
    faults = []
    if known.get("extended-keys") == "off":
        fix = "Put `set -s extended-keys on` into ~/.tmux.conf."
        faults.append(("tmux does not pass on Shift+Enter (Ctrl+J makes a new line).", fix))
    if int(known.get("escape-time") or 0) > SLOW_ESCAPE_MS:
        said = f"tmux holds Esc back for {known['escape-time']} ms."
        faults.append((said, "Put `set -s escape-time 10` into ~/.tmux.conf."))
    if known.get("set-clipboard") == "off":
        fix = "Put `set -s set-clipboard on` into ~/.tmux.conf."
        faults.append(("tmux keeps copied text from the terminal.", fix))
    return faults


def _tmux_options(env: Mapping[str, str]) -> dict[str, str]:
    """The server's options; none when it does not answer."""
    try:
        done = subprocess.run(
            ["tmux", "show-options", "-s"],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TMUX_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return {}
    pairs = (line.partition(" ") for line in done.stdout.splitlines())
    return {name: value.strip() for name, _, value in pairs}
