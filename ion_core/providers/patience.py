"""How long a server asks to wait, in each of the ways in which servers ask."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from ion_core.ids import Clock
from ion_core.providers.error_body import Told

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_AGAIN = r"(?i)(?:try again|retry) (?:in|after) ((?:[\d.]+\s*(?:ms|h|m|s)[a-z]*\s*)+)"
_AMOUNT = r"(?i)([\d.]+)\s*(ms|h|m|s)"


def retry_after_s(headers: Mapping[str, str], words: Told, now: Clock = time.time) -> float | None:
    """Seconds to wait, None when nobody said.

    The most exact way wins: ``retry-after-ms``, then ``retry-after`` in seconds or as an HTTP date
    (RFC 9110 §10.2.3), then Google's RetryInfo, then the words "try again in 1.5s".
    """
    exact = _seconds(headers.get("retry-after-ms", ""))
    if exact is not None:
        return exact / 1000
    header = headers.get("retry-after", "")
    plain = _seconds(header)
    if plain is not None:
        return plain
    if header and (dated := _until(header, now())) is not None:
        return dated
    if words.retry_delay and (delay := _amount(words.retry_delay)) is not None:
        return delay
    found = re.search(_AGAIN, words.message)
    return _amount(found.group(1)) if found else None


def _seconds(text: str) -> float | None:
    try:
        return max(0.0, float(text))
    except ValueError:
        return None


def _amount(text: str) -> float | None:
    amounts = re.findall(_AMOUNT, text)
    try:
        return sum(float(number) * _UNITS[unit.lower()] for number, unit in amounts) or None
    except ValueError:
        return None


def _until(date: str, now: float) -> float | None:
    # Start-up: only a few servers send dates, and only when they are busy.
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - now)
    except ValueError:
        return None
