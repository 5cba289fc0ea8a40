"""Words as bash would read them, of the few forms that leave no doubt (rule C3).

Quotes are taken away as bash takes them away; whatever bash would expand is not read at all, except
a glob, the variables ``HOME`` and ``PWD`` alone in a word, the variable of a loop, and ``$?`` and a
few others that may only be said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from ion_core.policy.base import Unproved

SOME: Final = "?"
"""Stands for a part of a word that is one of several: words with one may be said, not used."""


class Word(NamedTuple):
    """``value`` is what a program is given, ``raw`` what was written."""

    value: str
    raw: str
    is_glob: bool = False
    variable: str = ""  # HOME or PWD, when the word is nothing else; SOME when a part is unknown

    @property
    def is_plain(self) -> bool:
        """Whether the program is given exactly ``value``."""
        return not self.is_glob and not self.variable

    @property
    def has_safe_start(self) -> bool:
        """Whether no file name that the glob matches can look like an option."""
        return self.value[:1] not in ("", "-", "*", "?", "[")


_LITERAL: Final = re.compile(r"[A-Za-z0-9_./,:=+@%^~!#{}\]\-\u0080-\U0010ffff]")
_GLOB: Final = frozenset("*?[")
_ESCAPED: Final = frozenset(" ()!;|*?[]{}.,+^$\"'#&<>")
_VARIABLE: Final = re.compile(r'(?:"\$(HOME|PWD)"|\$(HOME|PWD))(?=[ \t]|$)')
_SAID: Final = re.compile(r"(?:HOME|PWD|PATH|USER|LOGNAME|SHELL|LANG|TERM|TZ|HOSTNAME|UID)(?!\w)")
_LONE_DOLLAR: Final = frozenset(' |)"')
_LOOPED: Final = re.compile(r'(?:"\$([a-z_]\w*)"|\$([a-z_]\w*))(?=[ \t]|$)')
_NAMED: Final = re.compile(r"[a-z_]\w*")
_ONE_WORD: Final = re.compile(r"[\w./@%+=:,-]+")

Loops: TypeAlias = Mapping[str, Word]
"""Variables of loops, and what each is: a text, or any name that a glob matches."""

_NO_LOOPS: Final[Loops] = MappingProxyType({})


def split(text: str, loops: Loops = _NO_LOOPS) -> list[Word]:
    """The words of a command. Raises ``Unproved`` for a form that is not understood."""
    words: list[Word] = []
    at = 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
            continue
        word = _variable(text, at) or _looped(text, at, loops) or _Reader(text, at, loops).word()
        words.append(word)
        at += len(word.raw)
    return words


def _variable(text: str, at: int) -> Word | None:
    found = _VARIABLE.match(text, at)
    if found is None:
        return None
    return Word("", found.group(), variable=found[1] or found[2])


def _looped(text: str, at: int, loops: Loops) -> Word | None:
    """A word that is the variable of a loop and nothing else; one that may become several words
    only when it cannot."""
    found = _LOOPED.match(text, at)
    known = loops.get(found[1] or found[2]) if found else None
    if found is None or known is None:
        return None
    if found[2] and (known.is_glob or not _ONE_WORD.fullmatch(known.value)):
        raise _odd("a variable without quotes", text[at:])
    return known._replace(raw=found.group())


class _Reader:
    """Reads one word of ``text`` that begins ``at``."""

    def __init__(self, text: str, at: int, loops: Loops) -> None:
        self._text, self._start, self._at, self._loops = text, at, at, loops
        self._value: list[str] = []
        self._is_glob = self._has_brace = self._is_some = False

    def word(self) -> Word:
        text = self._text
        while self._at < len(text) and text[self._at] not in " \t":
            self._one(text[self._at])
        raw = text[self._start : self._at]
        if self._has_brace and ("," in raw or ".." in raw):
            raise _odd("braces that bash expands", raw)
        value, is_glob = "".join(self._value), self._is_glob and raw != "["
        if not self._is_some:
            return Word(value, raw, is_glob=is_glob)
        if is_glob:
            raise _odd("a glob with a variable", raw)
        return Word(value, raw, variable=SOME)

    def _one(self, character: str) -> None:
        if character == "'":
            self._single()
        elif character == '"':
            self._double()
        elif character == "\\":
            self._escape()
        elif character == "$":
            self._dollar('"')
        elif character in _GLOB:
            self._is_glob = True
            self._take(character)
        elif _LITERAL.match(character):
            self._check_literal(character)
            self._take(character)
        else:
            raise _odd(f"{character!r}", self._text[self._start :])

    def _check_literal(self, character: str) -> None:
        before = self._text[self._at - 1] if self._at > self._start else ""
        if character == "~" and before in ("", "=", ":"):
            raise _odd("a tilde that bash expands", self._text[self._start :])
        if character == "#" and not before:
            raise _odd("a comment", self._text[self._start :])
        self._has_brace |= character == "{"

    def _take(self, character: str) -> None:
        self._value.append(character)
        self._at += 1

    def _single(self) -> None:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise _odd("a quote without its end", self._text[self._start :])
        self._value.append(self._text[self._at + 1 : end])
        self._at = end + 1

    def _double(self) -> None:
        text = self._text
        self._at += 1
        while text[self._at : self._at + 1] != '"':
            character = text[self._at : self._at + 1]
            if character in ("", "`"):
                raise _odd("a substitution or an unfinished quote", text[self._start :])
            if character == "\\":
                self._escape_in_quotes()
            elif character == "$":
                self._dollar(None)
            else:
                self._take(character)
        self._at += 1

    def _escape(self) -> None:
        """A backslash outside quotes: only before what is no letter, digit or dash."""
        following = self._text[self._at + 1 : self._at + 2]
        if following not in _ESCAPED or not following:
            raise _odd("a backslash", self._text[self._start :])
        self._value.append(following)
        self._at += 2

    def _escape_in_quotes(self) -> None:
        following = self._text[self._at + 1 : self._at + 2]
        if following in ("", "\n"):
            raise _odd("a continued line", self._text[self._start :])
        special = following in '$`"\\'
        self._value.append(following if special else f"\\{following}")
        self._at += 2

    def _dollar(self, closing: str | None) -> None:
        """``$?``, which is digits, or what the environment holds; in quotes the variable of a loop;
        or a dollar that stands for itself: at the end of a word, or before what names nothing."""
        following = self._text[self._at + 1 : self._at + 2]
        said = _SAID.match(self._text, self._at + 1)
        if following == "?" or said:
            self._is_some = True
            self._value.append("0")
            self._at = said.end() if said else self._at + 2
            return
        name = _NAMED.match(self._text, self._at + 1)
        if closing is None and name and (known := self._loops.get(name.group())):
            self._is_some |= known.is_glob
            self._value.append(known.value)
            self._at = name.end()
            return
        ends = following in ("", " ", "\t") if closing else following in _LONE_DOLLAR
        if not ends or (closing is None and not following):
            raise _odd("an expansion", self._text[self._start :])
        self._take("$")


def _odd(what: str, text: str) -> Unproved:
    return Unproved(f"There is {what} in {text[:60]!r}.", "shell.word")
