"""When the allowance of a subscription comes back, as a sentence for people.

ChatGPT's backend says it in the error (``resets_at``, ``resets_in_seconds``) and in ``x-codex-*``
headers, one set for each of the two windows that a plan has.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping

from ion_core.ids import Clock
from ion_core.providers.error_body import Told

_WINDOWS = ("primary", "secondary")
_FULL_PERCENT = 100.0


def plan_advice(words: Told, headers: Mapping[str, str], now: Clock = time.time) -> str:
    """What to do about a plan that gives no more, "" where the error speaks of none."""
    if "usage_not_included" in words.codes:
        return "This plan does not include it; use an API key or another model."
    resets = max(_resets(words, headers, now()), default=None)
    if resets is None:
        return ""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(resets))
    return f"The plan's limit resets at {when}; use another model until then."


def _resets(words: Told, headers: Mapping[str, str], now: float) -> Iterator[float]:
    """Every time, in seconds since the epoch, at which a full window is said to begin anew."""
    at = re.search(r'"resets_at":\s*(\d{9,11})\b', words.everything)
    left = re.search(r'"resets_in_seconds":\s*(\d{1,8})\b', words.everything)
    if at or left:
        yield float(at[1]) if at else now + float(left[1] if left else 0)
        return
    for window in _WINDOWS:
        used = _number(headers.get(f"x-codex-{window}-used-percent"))
        if used is None or used < _FULL_PERCENT:
            continue
        reset = _number(headers.get(f"x-codex-{window}-reset-at"))
        left_s = _number(headers.get(f"x-codex-{window}-reset-after-seconds"))
        if reset is not None or left_s is not None:
            yield reset if reset is not None else now + (left_s or 0)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
