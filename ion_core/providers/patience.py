"""How long a server asks to wait, in each of the ways in which servers ask."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from ion_core.ids import Clock
from ion_core.providers.error_body import Told

_UNITS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_AMOUNT = r"([\d.]+)\s*(ms|milli|[smhd])[a-z]*"
_AGAIN = rf"(?i)(?:try again|retry|resets?) (?:in|after) ((?:{_AMOUNT}[\s,]*(?:and\s+)?)+)"
_RESETS = r"(?:anthropic-|x-)?ratelimit-(?:[a-z-]+-)?reset(?:-[a-z-]+)?"
_PER_MINUTE = r"quotaId\W+\w*PerMinute"
"""Google's name for a quota that is new every minute, in an error that says no more."""
_EPOCH, _EPOCH_MS = 1e9, 1e11
"""Numbers above these are moments, in seconds and in milliseconds, and no amounts."""


def retry_after_s(headers: Mapping[str, str], words: Told, now: Clock = time.time) -> float | None:
    """Seconds to wait, None when nobody said.

    The most exact way wins: ``retry-after-ms``, then ``retry-after`` in seconds or as an HTTP date
    (RFC 9110 §10.2.3), then Google's RetryInfo, then the words "try again in 1.5s", then the
    headers that say when a limit resets (:func:`reset_s`).
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
    if found and (delay := _amount(found.group(1))) is not None:
        return delay
    told = reset_s({**headers, **words.headers}, now())
    minute = 60.0 if re.search(_PER_MINUTE, words.everything) else None
    return minute if told is None else told


def reset_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the limits that are used up are reset, or the first of all where none says
    that it is.

    ``anthropic-ratelimit-tokens-reset`` is a date of RFC 3339, ``x-ratelimit-reset-tokens`` an
    amount such as 6m0s (OpenAI, Groq), and others send seconds or a moment since 1970.
    """
    spent, all_ = list[float](), list[float]()
    for name, value in headers.items():
        found = re.fullmatch(_RESETS, name)
        wait = _reset(value, now) if found else None
        if not wait:
            continue
        all_.append(wait)
        if headers.get(name.replace("reset", "remaining"), "").strip() in ("0", "0.0"):
            spent.append(wait)
    return max(spent) if spent else min(all_, default=None)


def _reset(value: str, now: float) -> float | None:
    number = _seconds(value)
    if number is None:
        return _instant(value, now) if "T" in value else _amount(value)
    if number > _EPOCH_MS:
        return max(0.0, number / 1000 - now)
    return max(0.0, number - now) if number > _EPOCH else number


def _instant(value: str, now: float) -> float | None:
    from datetime import UTC, datetime  # start-up: only for a server that is busy

    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, aware.timestamp() - now)


def _seconds(text: str) -> float | None:
    try:
        return max(0.0, float(text))
    except ValueError:
        return None


def _amount(text: str) -> float | None:
    amounts = re.findall(_AMOUNT, text, re.IGNORECASE)
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
