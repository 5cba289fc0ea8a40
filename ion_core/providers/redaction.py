"""What must never be read in an error, a log or a record: keys, cookies, account ids.

Known secrets go by their text, others by their place (a header, a query) or by the look that their
vendor gives them. Words that a server masked itself stay masked.
"""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from json import dumps
from typing import TypeAlias
from urllib.parse import quote, quote_plus

Secret: TypeAlias = str | tuple[str, ...]
"""One secret text, or several."""

SHORTEST = 4
"""Characters below which a text is no secret: it would be found everywhere."""

_HEADER = (
    r"(?:proxy-)?authorization|(?:x-|x-goog-|x-amz-)?api[-_]key|x-auth-token"
    r"|x-amz-security-token|chatgpt-account-id|openai-organization|openai-project"
)
_PLACED = (
    rf"(?i)((?:{_HEADER})['\"]?\s*[:=]\s*['\"]?(?:bearer\s+|basic\s+)?|\bbearer\s+"
    r"|[?&](?:key|api[-_]key|access_token)=)[^\s'\"&,;}]+"
)
_COOKIE = r"(?i)((?:set-)?cookie['\"]?\s*[:=]\s*['\"]?)[^\n'\"}]+"
_LOOKS = (
    r"\b(?:sk|rk|gsk|xai|csk|fw|hf|pplx|tgp|nvapi|gh[opsur]|github_pat|glpat|xox[abeprs])[-_][A-Za-z0-9_*-]{8,}"
    r"|\bAIza[\w*-]{8,}|\b(?:AQ|ya29)\.[\w.*-]{16,}"
    r"|\beyJ[\w-]{8,}(?:\.[\w-]+)*|\b(?:AKIA|ASIA|ABSK)[A-Za-z0-9+/=]{12,}"
)
_LOGIN = r"(?i)(\b[a-z][a-z0-9+.-]*://[^\s/?#@:]*:)[^\s/?#@]+@"
_PEM = r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"
_ACCOUNT = r"\b(?:org|proj|acct)[-_][A-Za-z0-9]{10,}"
_TELLING = r"(?i)key|auth|token|secret|cookie|account|session"


def redacted(text: str, secret: Secret = "") -> str:
    """``text`` without ``secret`` and without anything that looks like a key or an account."""
    text = without(text, secret)
    for pattern in (_COOKIE, _PLACED):
        text = re.sub(pattern, r"\1[key]", text)
    return re.sub(_ACCOUNT, "[account]", text)


def without(text: str, secret: Secret = "") -> str:
    """``text`` without ``secret``, however it is written, and without what can only be a key:
    tokens by their vendors' looks, private keys, passwords in URLs. What is merely near the word
    ``cookie`` stays: this is for what people wrote and read themselves."""
    known = (secret,) if isinstance(secret, str) else secret
    for each in sorted({form for word in known for form in _forms(word)}, key=len, reverse=True):
        text = text.replace(each, "[key]")
    text = re.sub(_PEM, "[private key]", text)
    return re.sub(_LOOKS, "[key]", re.sub(_LOGIN, r"\1[key]@", text))


def _forms(secret: str) -> tuple[str, ...]:
    """A secret as it is, in a URL, in JSON, and in base64 by itself."""
    if len(secret) < SHORTEST:
        return ()
    data = secret.encode("utf-8", "replace")
    packed = (b64encode(data).decode().rstrip("="), urlsafe_b64encode(data).decode().rstrip("="))
    forms = (secret, quote(secret, safe=""), quote_plus(secret), dumps(secret)[1:-1], *packed)
    return tuple(dict.fromkeys(forms))


def secrets_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The values of headers that may let somebody in, or name an account."""
    found = [value for name, value in headers.items() if re.search(_TELLING, name)]
    return tuple(word for value in found for word in (value, *value.split()[1:]))
