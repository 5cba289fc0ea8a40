"""What went wrong with a server, in a sentence for people and models."""

from __future__ import annotations

from ion_core.errors import IonError
from ion_core.sanitize import sanitize


class NotConnected(IonError):
    """A server that is wanted is not there now."""


def explained(error: BaseException) -> str:
    """The innermost cause, of errors that come in groups too."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    if isinstance(error, FileNotFoundError):
        return f"{error.filename or 'the program'} is not installed, or not in PATH."
    if isinstance(error, TimeoutError):
        return "it did not answer in time."
    text = sanitize(str(error)).strip().partition("\n")[0][:500]
    kind = type(error).__name__
    return f"{kind}: {text}" if text and kind not in ("MCPError", "OSError") else text or kind


def is_broken(error: BaseException) -> bool:
    """Whether the connection is of no use any more after this."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    closed = "Connection closed" in str(error)
    name = type(error).__name__
    return closed or name in (
        "ClosedResourceError",
        "BrokenResourceError",
        "EndOfStream",
        "ConnectError",
        "RemoteProtocolError",
    )


def is_late(error: BaseException) -> bool:
    """Whether there was no answer in time."""
    return isinstance(error, TimeoutError) or "timed out" in str(error).lower()


def needs_login(error: BaseException) -> bool:
    """Whether somebody must log in first."""
    text = f"{type(error).__name__} {error}"
    if isinstance(error, BaseExceptionGroup):
        return any(map(needs_login, error.exceptions))
    status = getattr(getattr(error, "response", None), "status_code", 0)
    return status == 401 or "LoginNeeded" in text or "OAuth" in type(error).__name__


def is_final(error: BaseException) -> bool:
    """Whether another attempt would end the same."""
    if isinstance(error, BaseExceptionGroup):
        return any(map(is_final, error.exceptions))
    return isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError)
