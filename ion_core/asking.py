"""What a person is asked during a turn, and what they say.

Two kinds: whether a call may run (an approval), and what a model wants to know (a question).
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Verdict: TypeAlias = Literal["once", "session", "always", "denied"]
"""``once``: this call. ``session``: its like until the session is closed. ``always``: its like
from now on, as a rule of the settings. ``denied``: no."""


class Proposal(Struct, frozen=True, kw_only=True):
    """A rule that would allow a call and its like: see ``[permissions] rules``."""

    tool: str
    pattern: str


class Decision(Struct, frozen=True, kw_only=True):
    """What a person says of a call. ``pattern`` is the proposal as they left it, for ``session``
    and ``always``; ``command`` runs in place of the one asked about; ``comment`` tells the model
    why not."""

    verdict: Verdict
    pattern: str = ""
    command: str = ""
    comment: str = ""


class Option(Struct, frozen=True, kw_only=True):
    """An answer that is offered; ``about`` explains it."""

    label: str
    about: str = ""


class Question(Struct, frozen=True, kw_only=True):
    """One question. ``header`` is a word or two for a tab; with ``several``, more than one option
    may be chosen. Free text may always be given instead."""

    question: str
    header: str = ""
    options: tuple[Option, ...] = ()
    several: bool = False


class Answer(Struct, frozen=True, kw_only=True):
    """The answer to one question: the labels chosen, and words of the person's own."""

    chosen: tuple[str, ...] = ()
    text: str = ""
