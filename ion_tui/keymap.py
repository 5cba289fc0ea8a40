"""Which key means which command, in which context.

A context is where the keyboard is (the prompt, the sidebar, a list) or how a key was introduced
(``leader``: after Ctrl+X). A key is looked up in the context first and in ``global`` after it.
People change the table with ``[keymap.<context>]`` in their settings; nothing that they write is
dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeAlias

from msgspec import Struct, field

from ion_tui.keys import GLOBAL, KEYS, LEADER, normal, printed

Table: TypeAlias = dict[str, dict[str, tuple[str, ...]]]


class Keymap(Struct, frozen=True, kw_only=True):
    """A table of keys and what was wrong with the lines that changed it."""

    table: Table = field(default_factory=lambda: changed({})[0])
    problems: tuple[str, ...] = ()

    def command(self, context: str, key: str) -> str | None:
        """The command of a key where the keyboard is, None when it has none."""
        for place in (context,) if context == LEADER else (context, GLOBAL):
            for command, keys in self.table.get(place, {}).items():
                if key in keys:
                    return command
        return None

    def hint(self, command: str, context: str = "") -> str:
        """The first key of a command as people write it ("ctrl+x b"), empty when it has none.
        Without a context: one that works wherever the keyboard is, or in the prompt."""
        places = [context] if context else [GLOBAL, "prompt", LEADER]
        for place in places:
            for key in self.table.get(place, {}).get(command, ()):
                lead = f"{self.hint('ui.leader')} " if place == LEADER else ""
                return lead + printed(key)
        return ""

    def entries(self, context: str) -> list[tuple[str, str]]:
        """``(keys, command)`` of a context, for help."""
        rows = self.table.get(context, {}).items()
        return [(" ".join(map(printed, keys)), command) for command, keys in rows if keys]


def keymap(settings: Mapping[str, Mapping[str, Sequence[str]]], commands: Iterable[str]) -> Keymap:
    """The default table with a person's changes. What cannot be applied becomes a problem."""
    table, problems = changed(settings, set(commands) | set(known()))
    return Keymap(table=table, problems=(*problems, *conflicts(table)))


def known() -> Iterable[str]:
    """Every command that has a place in the default table."""
    return (command for rows in KEYS.values() for command in rows)


def changed(
    settings: Mapping[str, Mapping[str, Sequence[str]]], commands: set[str] | None = None
) -> tuple[Table, list[str]]:
    """A copy of the default table with ``settings`` laid over it, and the problems."""
    table: Table = {context: dict(rows) for context, rows in KEYS.items()}
    problems: list[str] = []
    for context, rows in settings.items():
        if context not in table:
            problems.append(f"[keymap.{context}] is not a context{_near(context, table)}.")
            continue
        for command, keys in rows.items():
            if commands is not None and command not in commands:
                where = f"[keymap.{context}] {command}"
                problems.append(f"{where} is not a command{_near(command, commands)}.")
            else:
                _rebind(table[context], command, keys, context, problems)
    return table, problems


def _rebind(
    rows: dict[str, tuple[str, ...]],
    command: str,
    keys: Sequence[str],
    context: str,
    problems: list[str],
) -> None:
    """Give a command its new keys; a default of another command gives way to them."""
    good = [normal(key) for key in keys if normal(key)]
    bad = [key for key in keys if not normal(key)]
    problems += [f"[keymap.{context}] {command}: {key!r} is not a key." for key in bad]
    for other, theirs in rows.items():
        defaults = KEYS[context].get(other, ())
        if other != command and theirs == defaults:
            rows[other] = tuple(key for key in theirs if key not in good)
    rows[command] = tuple(good)


def _near(word: str, words: Iterable[str]) -> str:
    close = get_close_matches(word, list(words), 1)
    return f"; did you mean {close[0]}?" if close else ""


def conflicts(table: Table) -> list[str]:
    """A sentence for each key that means two things in one context."""
    found = []
    for context, rows in table.items():
        owner: dict[str, str] = {}
        for command, keys in rows.items():
            for key in keys:
                first = owner.setdefault(key, command)
                if first != command:
                    found.append(
                        f"[keymap.{context}] {printed(key)} is both {first} and {command}."
                    )
    return found
