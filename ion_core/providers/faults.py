"""What a server's error means: the exact class of the error tree.

Reads a status with its body, or the error object inside an answer. The order of the questions
matters: a quota is not a rate limit, and a rate limit that speaks of tokens is no full context.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ion_core.errors import (
    BadRequest,
    ContextOverflow,
    Overloaded,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    StreamBroken,
    Unauthorised,
)
from ion_core.providers.error_body import Told, told
from ion_core.providers.fault_codes import (
    AUTH,
    AUTH_CODES,
    BLOCKED,
    BUSY_CODES,
    QUOTA,
    QUOTA_CODES,
    RATE_CODES,
    REFUSED,
    REFUSED_CODES,
    WRONG_CODES,
)
from ion_core.providers.overflow import is_overflow
from ion_core.providers.patience import retry_after_s
from ion_core.providers.plan_limits import plan_advice
from ion_core.providers.redaction import Secret, redacted

TRANSIENT = frozenset({408, 409, 425, 498, 499, 500, 502, 503, 504, *range(520, 525), 529})
"""Statuses after which the same request may succeed (§7 of the provider notes; 498 is Groq's for
flex requests that find no room)."""

REQUEST_IDS = (
    "request-id",
    "x-request-id",
    "x-oai-request-id",
    "mistral-correlation-id",
    "x-trace-id",
    "cf-ray",
)
"""Headers that name a request: Anthropic, OpenAI (two), Mistral, Kimi, Cloudflare."""

_FINAL = (QuotaExceeded, Unauthorised, ContextOverflow, Refused)
"""Whatever a server says, the same request would only fail again."""
_ADVICE: dict[type[ProviderError], str] = {
    Unauthorised: "Check the key of this provider.",
    QuotaExceeded: "Add credit there, or use another model.",
    ContextOverflow: "Start a new session, or use a model with a larger window.",
}
_ADVICE_404 = "Check the model's name and base_url; `ion models` lists what is known."
_TPM = r"(?is)limit:? ([\d,]+).*requested:? ([\d,]+)"


def fault(
    status: int, headers: Mapping[str, str], body: bytes, *, secret: Secret = ""
) -> ProviderError:
    """The error that an HTTP answer is. ``headers`` have names in lower case; ``secret`` never
    appears in the message."""
    words = told(body, status, secret)
    # Gateways have been seen to answer 200, and to name the status of the error in its body.
    status = words.status or status if status < 300 else status
    kind = _kind(status, words)
    sentence = _sentence(status, words.message, headers, secret)
    return kind(
        _advised(kind, status, sentence, words, headers),
        retryable=_retryable(kind, status, words, headers),
        retry_after=_wait(kind, headers, words),
        status=status,
        request_id=_request_id(headers),
    )


def stream_fault(error: Any, *, secret: Secret = "") -> ProviderError:
    """The error that an error object inside a successful answer is."""
    words = told({"error": error}, None, secret)
    kind = _kind(words.status, words)
    sentence = f"The provider ended its answer with an error: {words.message}"
    plan = plan_advice(words, {}) if kind is QuotaExceeded else ""
    return kind(
        _joined(sentence, plan),
        retryable=_retryable(kind, words.status, words, {}),
        retry_after=_wait(kind, {}, words),
        status=words.status,
    )


def _kind(status: int | None, words: Told) -> type[ProviderError]:
    if _is_quota(status, words):
        return QuotaExceeded
    if is_overflow(status, words):
        return ContextOverflow
    if words.codes & REFUSED_CODES or _is_refusal(status, words):
        return Refused
    if status in (401, 403) or words.codes & AUTH_CODES or _is_auth(status, words):
        return Unauthorised
    if status == 429 or words.codes & RATE_CODES:
        return RateLimited
    if status in TRANSIENT or (status or 0) >= 500:
        return Overloaded
    if status is None:
        return _kind_without_status(words)
    return BadRequest


def _kind_without_status(words: Told) -> type[ProviderError]:
    if words.codes & BUSY_CODES:
        return Overloaded
    return BadRequest if words.codes & WRONG_CODES else StreamBroken


def _is_quota(status: int | None, words: Told) -> bool:
    if status == 402 or words.codes & QUOTA_CODES:
        return True
    return status in (None, 400, 403, 412, 429) and bool(re.search(QUOTA, words.everything))


def _is_refusal(status: int | None, words: Told) -> bool:
    pattern = {403: REFUSED, 400: BLOCKED, None: BLOCKED}.get(status)
    return pattern is not None and re.search(pattern, words.message) is not None


def _is_auth(status: int | None, words: Told) -> bool:
    return status in (None, 400) and bool(re.search(AUTH, words.message))


def _retryable(
    kind: type[ProviderError], status: int | None, words: Told, headers: Mapping[str, str]
) -> bool:
    asked = headers.get("x-should-retry", "").strip().lower()
    if asked == "false" or (asked == "true" and kind not in _FINAL):
        return asked == "true"
    if kind is RateLimited:
        return not _never_fits(words.message)
    if kind is Overloaded and status is not None:
        return status in TRANSIENT
    return kind.default_retryable


def _never_fits(message: str) -> bool:
    """Whether a single request asks for more tokens than a minute allows."""
    found = re.search(_TPM, message)
    if not found:
        return False
    limit, requested = (int(number.replace(",", "")) for number in found.groups())
    return requested > limit


def _wait(kind: type[ProviderError], headers: Mapping[str, str], words: Told) -> float | None:
    """Limits are reset, and healthy servers say so too: only the busy are waited for."""
    if kind is QuotaExceeded:
        return None
    if kind is RateLimited:
        return retry_after_s(headers, words)
    said = {name: value for name, value in headers.items() if name.startswith("retry-after")}
    return retry_after_s(said, words)


def _sentence(status: int, message: str, headers: Mapping[str, str], secret: Secret) -> str:
    if 300 <= status < 400:
        target = redacted(headers.get("location", "another address"), secret)
        return f"The server redirects to {target} ({status}). Set base_url to the right address."
    return f"The provider answered {status}: {message}"


def _advised(
    kind: type[ProviderError],
    status: int,
    sentence: str,
    words: Told,
    headers: Mapping[str, str],
) -> str:
    """The sentence, and what a person can do about it."""
    plan = plan_advice(words, headers) if kind is QuotaExceeded else ""
    if kind is Unauthorised and "for use with Claude Code" in words.message:
        # Start-up: an error alone needs it.
        from ion_core.providers.auth.terms import NO_CLAUDE_PLAN

        plan = NO_CLAUDE_PLAN
    return _joined(sentence, plan or _ADVICE.get(kind, _ADVICE_404 if status == 404 else ""))


def _joined(sentence: str, advice: str) -> str:
    end = "" if sentence.endswith((".", "!", "?", "…")) else "."
    return f"{sentence}{end} {advice}".rstrip()


def _request_id(headers: Mapping[str, str]) -> str:
    return next((headers[name] for name in REQUEST_IDS if headers.get(name)), "")
