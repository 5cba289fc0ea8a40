"""What ``ion sessions`` says when it has done something: a sentence, or JSON for scripts."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from ion_core.config.paths import ion_home
from ion_core.known_secrets import hidden, known_secrets
from ion_core.sanitize import sanitize
from ion_core.sessions.base import SessionInfo


def print_json(value: Any) -> None:
    """On standard output, for people too."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def print_safely(text: str) -> None:
    """Words from sessions, without secrets and without what a terminal would obey."""
    print(sanitize(hidden(text, known_secrets(ion_home(), Path.cwd()))))


def say(options: argparse.Namespace, info: SessionInfo, sentence: str, **facts: Any) -> None:
    """What became of a session: ``facts`` are for the JSON."""
    if options.json:
        print_json({"session": info.id, **facts})
    else:
        print(sanitize(sentence))
