"""When a failed request is sent again: a policy of plain functions.

The step loops, waits and tells people; nothing is decided there. Before anything of the answer was
seen, a request is made up to four times; after that the same request is begun anew at most twice,
and what was seen is discarded, since no provider can resume an answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from time import localtime, strftime

from ion_core.errors import IonError, ProviderError

ATTEMPTS = 4
"""Requests before the first content, the first one included."""
RESTARTS = 2
"""Further requests after content was seen."""
BASE_S, CAP_S, JITTER = 2.0, 30.0, 0.25
"""Without a wish of the server: 2 s, 4 s, 8 s … at most 30 s, each ±25 %."""
PATIENCE_S = 60.0
"""The longest wait that a server may ask for; beyond it a person should decide."""


def chance() -> float:
    """A random number from 0 to 1, without the cost of importing ``random`` at start-up."""
    return int.from_bytes(os.urandom(4)) / 0xFFFFFFFF


def wait_s(
    error: IonError,
    attempt: int,
    *,
    restarts: int = 0,
    attempts: int = ATTEMPTS,
    random: Callable[[], float] = chance,
) -> float | None:
    """Seconds to wait before the next request, or None to give up.

    ``attempt`` counts the requests that failed, from 1; ``restarts`` those of them that failed
    after content was seen.
    """
    if not isinstance(error, ProviderError) or not error.retryable:
        return None
    if attempt - restarts >= attempts or restarts > RESTARTS:
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= PATIENCE_S else None
    backoff = min(CAP_S, BASE_S * 2.0 ** (attempt - 1))
    return backoff * (1 + JITTER * (2 * random() - 1))


def given_up(error: IonError, attempt: int, now: float) -> str:
    """Why it ends here, as a sentence for people; it says when to come back if a server said so.

    ``now`` is in seconds since the epoch.
    """
    asked = error.retry_after if isinstance(error, ProviderError) else None
    if asked is not None and asked > PATIENCE_S:
        when = strftime("%Y-%m-%d %H:%M", localtime(now + asked))
        said = str(error)
        end = "" if said.endswith((".", "!", "?")) else "."
        return f"{said}{end} The provider asks to wait until {when}; try again then."
    tried = f" (tried {attempt} times)" if attempt > 1 else ""
    return f"{error}{tried}"
