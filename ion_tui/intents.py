"""Wishes: what widgets ask for. Screens grant them; nobody else speaks to a session."""

from __future__ import annotations

from textual.message import Message

from ion_core.asking import Answer, Decision


class Submitted(Message):
    """A prompt is to be sent: now when idle, before the next step while a turn runs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class FollowUpWanted(Message):
    """A prompt is to be sent when the running turn ends."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class CommandWanted(Message):
    """A command of the table is to be run; ``argument`` is what was written behind its name."""

    def __init__(self, command: str, argument: str = "") -> None:
        super().__init__()
        self.command, self.argument = command, argument


class InterruptWanted(Message):
    """The running turn is to be stopped."""


class TakeBackWanted(Message):
    """The newest waiting message is to come back to the editor."""


class Said(Message):
    """A sentence for the person, shown as a toast."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class CopyWanted(Message):
    """Text is to be put on the clipboard."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class SessionWanted(Message):
    """Another session is to be shown; an empty id means a new one. With ``branch``, on that one;
    with ``entry``, at that message, and there where one of ``words`` is."""

    def __init__(
        self, session: str, *, branch: str = "", entry: str = "", words: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.session, self.branch, self.entry, self.words = session, branch, entry, words


class ShelfWanted(Message):
    """A key of the sidebar (``command``) asks something of these sessions: another name for one or
    for its branch, what ``text`` finds, and whatever else ``curating.py`` grants."""

    def __init__(
        self, command: str, sessions: tuple[str, ...] = (), *, branch: str = "", text: str = ""
    ) -> None:
        super().__init__()
        self.command, self.sessions = command, sessions
        self.branch, self.text = branch, text


class RevealWanted(Message):
    """A call is to be shown in the transcript."""

    def __init__(self, call: str) -> None:
        super().__init__()
        self.call = call


class JobWanted(Message):
    """What a job wrote is to be shown."""

    def __init__(self, job: str) -> None:
        super().__init__()
        self.job = job


class JobStopWanted(Message):
    """A job is to be ended."""

    def __init__(self, job: str) -> None:
        super().__init__()
        self.job = job


class Decided(Message):
    """A call may run, or may not."""

    def __init__(self, call: str, decision: Decision) -> None:
        super().__init__()
        self.call, self.decision = call, decision


class Answered(Message):
    """A call's questions are answered; with nothing, they will not be."""

    def __init__(self, call: str, answers: tuple[Answer, ...]) -> None:
        super().__init__()
        self.call, self.answers = call, answers


class Typed(Message):
    """Text was typed or pasted where none goes: it is for the prompt."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
