"""Every secret that ion knows, so that none is shown: of settings, the environment and logins.

Reads files and runs no command; what cannot be read is not known. Exports and the words of a crash
pass through here, since they may repeat what nobody thought of.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ion_core.errors import IonError
from ion_core.providers.redaction import without

_SHORTEST = 8
"""Characters below which a value that is only named like a secret is left alone."""


def known_secrets(home: Path, cwd: Path, env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The values themselves, each once."""
    found = [*_of_settings(cwd), *_of_logins(home), *_of_environment(env)]
    return tuple(dict.fromkeys(value for value in found if value))


def hidden(value: Any, secrets: tuple[str, ...]) -> Any:
    """``value``, of lists, dicts and texts, without the secrets in its texts."""
    match value:
        case str():
            return without(value, secrets)
        case dict():
            return {name: hidden(item, secrets) for name, item in value.items()}
        case list() | tuple():
            return [hidden(item, secrets) for item in value]
        case _:
            return value


def _of_settings(cwd: Path) -> Iterator[str]:
    import msgspec

    from ion_core.config.load import load
    from ion_core.config.scope import secrets_in

    try:
        settings = load(cwd).settings
    except (IonError, OSError):
        return
    yield from _leaves(secrets_in(msgspec.to_builtins(settings)))


def _of_logins(home: Path) -> Iterator[str]:
    from ion_core.providers.auth.logins import KeptKey, Tokens
    from ion_core.providers.auth.store import AuthStore

    try:
        logins = AuthStore(home).logins()
    except (IonError, OSError):
        return
    for login in logins.values():
        match login:
            case KeptKey():
                yield login.key
            case Tokens():
                yield from (login.access, login.refresh)


def _of_environment(env: Mapping[str, str]) -> Iterator[str]:
    for name, value in env.items():
        is_named = any(word in name.lower() for word in ("key", "token", "secret", "passw"))
        if is_named and len(value) >= _SHORTEST and "/" not in value[:1]:
            yield value


def _leaves(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _leaves(item)
        case list() | tuple():
            for item in value:
                yield from _leaves(item)
