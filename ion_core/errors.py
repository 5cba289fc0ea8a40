"""Everything that can go wrong, as one tree.

::

    IonError
    ├── ConfigError                      a setting, a file or a flag is wrong (exit 2)
    ├── ProviderError                    the model's side failed
    │   ├── Unauthorised                 no key, or the key was refused
    │   ├── RateLimited                  too many requests; waiting helps
    │   ├── QuotaExceeded                no credit left; waiting does not help
    │   ├── Overloaded                   5xx, 529: the server is busy or broken
    │   ├── ContextOverflow              the prompt does not fit the window
    │   ├── BadRequest                   the request itself is wrong
    │   ├── Refused                      a safety system said no
    │   ├── ConnectionFailed             no connection, or none in time
    │   └── StreamBroken                 the answer stopped before its end
    ├── StoreError                       a session could not be read or written
    │   ├── StoreTooNew                  written by a newer ion
    │   ├── StoreCorrupt                 the database is damaged
    │   ├── SessionBusy                  another ion writes this session
    │   └── SessionNotFound              no session has that id
    ├── PolicyError                      the policy does not let this happen
    │   ├── NotTrusted                   the folder is not trusted (exit 3)
    │   └── ApprovalNeeded               somebody must say yes first (exit 55)
    ├── NotAsked                         nobody waits for this decision or answer
    ├── NoSuchJob                        no command runs in the background by that name
    ├── BudgetExceeded                   a limit on turns, tokens, money or time
    ├── Loop                             the same calls gave the same results again and again
    └── SessionClosed                    the session was closed meanwhile

A tool that fails in an expected way returns a ``ToolResult``; it raises nothing of this.
"""

from __future__ import annotations

import re
from typing import Literal


class IonError(Exception):
    """The root. ``str(error)`` is a sentence that a person can act on."""

    @property
    def kind(self) -> str:
        """The class name in snake_case, as it appears in the JSON of ``ion run``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def retryable(self) -> bool:
        """Whether the same thing may succeed later, unchanged."""
        return False


class ConfigError(IonError):
    """A wrong setting. ``file`` and ``line`` (from 1) say where, when known."""

    def __init__(self, message: str, *, file: str = "", line: int = 0) -> None:
        where = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(where + message)
        self.message, self.file, self.line = message, file, line


class ProviderError(IonError):
    """The model's side failed. ``retry_after`` is the wait in seconds that the server asked for."""

    default_retryable = False

    def __init__(
        self,
        message: str,
        *,
        retryable: bool | None = None,
        retry_after: float | None = None,
        status: int | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self._retryable = self.default_retryable if retryable is None else retryable
        self.retry_after, self.status, self.request_id = retry_after, status, request_id

    @property
    def retryable(self) -> bool:
        return self._retryable


class Unauthorised(ProviderError):
    """No key, or the key was refused."""


class RateLimited(ProviderError):
    """Too many requests in too little time."""

    default_retryable = True


class QuotaExceeded(ProviderError):
    """No credit or plan allowance is left."""


class Overloaded(ProviderError):
    """The server is busy or broken (5xx, 529)."""

    default_retryable = True


class ContextOverflow(ProviderError):
    """The prompt is larger than the model's window."""


class BadRequest(ProviderError):
    """The server does not accept the request as it is."""


class Refused(ProviderError):
    """A safety system declined to answer."""


class ConnectionFailed(ProviderError):
    """No connection, or none in time."""

    default_retryable = True


class StreamBroken(ProviderError):
    """The answer stopped before its terminal event."""

    default_retryable = True


class StoreError(IonError):
    """A session could not be read or written."""


class StoreTooNew(StoreError):
    """The database was written by a newer ion."""


class StoreCorrupt(StoreError):
    """The database is damaged."""


class SessionBusy(StoreError):
    """Another process writes this session."""


class SessionNotFound(StoreError):
    """No session has that id."""


class PolicyError(IonError):
    """The policy does not let this happen."""


class NotTrusted(PolicyError):
    """The folder is not trusted."""


class ApprovalNeeded(PolicyError):
    """Somebody must say yes first. ``calls`` are the ids of those that wait."""

    def __init__(self, message: str, calls: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.calls = calls


class NotAsked(IonError):
    """Nobody waits for this decision or answer (any more)."""


class NoSuchJob(IonError):
    """No job has that id, or the call does not run a command that could become one."""


class BudgetExceeded(IonError):
    """A limit on turns, tokens, money or time was reached; ``reason`` says which kind."""

    def __init__(self, message: str, reason: Literal["max_turns", "budget"] = "budget") -> None:
        super().__init__(message)
        self.reason: Literal["max_turns", "budget"] = reason


class Loop(IonError):
    """The model went round in circles: the same calls with the same results."""


class HookStop(IonError):
    """A hook wanted that nothing goes on; ``str(error)`` is why."""


class HookBlocked(IonError):
    """A hook did not let a prompt through; nothing was said."""


class SessionClosed(IonError):
    """The session was closed meanwhile."""
