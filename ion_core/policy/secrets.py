"""Which paths hold, by their names, what nobody but the person should read.

Wider than what file tools refuse: a name here is a reason to ask or to deny, wherever it is. The
list is rule S of the sandbox, as names.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase as fnmatch
from itertools import pairwise
from typing import Final

from ion_core.tools.protected import holds_secrets

_FOLDERS: Final = frozenset(
    {".azure", ".kube", ".docker", ".password-store", ".mozilla", "keychains", ".thunderbird"}
    | {".git-credentials", ".npmrc", ".pypirc", ".pgpass", ".my.cnf", ".htpasswd", ".s3cfg"}
    | {".vault-token", ".terraformrc", "credentials.toml", "credentials", "auth.json"}
)
_BELOW_CONFIG: Final = frozenset(
    {"gcloud", "gh", "op", "hub", "glab-cli", "rclone", "doctl", "google-chrome", "chromium"}
    | {"bravesoftware", "configstore", "containers", "helm"}
)
_FILES: Final = re.compile(
    r"\.env(\..*)?|\.envrc|.*\.(pem|key|p12|pfx|jks|keystore|kdbx|asc|ppk)|id_(rsa|dsa|ecdsa|ed25519)"
    r"|\.[\w-]*_history|ssh_host_.*_key|_netrc|cookies\.sqlite"
)
_LIKELY: Final = re.compile(
    r"[\w-]+\.env|\.env[-_].*|env\.(local|prod|production)|.*\.(p8|gpg|age|ovpn|tfstate|tfvars)"
    r"|.*credentials?\.(json|ya?ml|xml|ini|csv|txt)|.*secrets?\.(json|ya?ml|toml|ini|env)"
    r"|client_secret.*\.json|service[-_]account.*\.json|\.?kubeconfig|\.vault[-_]pass(word)?"
    r"|\.?rclone\.conf|\.boto|\.mylogin\.cnf|\.viminfo|\.lesshst|wallet\.dat|key[34]\.db"
    r"|logins\.json|login data|.*\.keychain(-db)?"
)


_EXAMPLES: Final = (".env", ".env.local", "id_rsa", "tls.pem", "tls.key", ".npmrc", ".netrc")


def aims_at_secrets(pattern: str) -> bool:
    """Whether a glob of names is there to find secrets: it matches some, but no usual name."""
    name = pattern.rpartition("/")[2].lstrip("!")
    usual = fnmatch(".config", name) or fnmatch("main.c", name)
    return is_secret((name,)) or (not usual and any(fnmatch(e, name) for e in _EXAMPLES))


def may_be_secret(names: tuple[str, ...]) -> bool:
    """Whether a path is worth a question: it is secret, or its file has a name that often is."""
    return is_secret(names) or bool(names and _LIKELY.fullmatch(names[-1].casefold()))


def is_secret(names: tuple[str, ...]) -> bool:
    """Whether a path with these components is, or is below, a place of keys and passwords."""
    if holds_secrets(names):
        return True
    folded = [name.casefold().rstrip(" .") for name in names]
    after_config = {b for a, b in pairwise(folded) if a == ".config"}
    return (
        not _FOLDERS.isdisjoint(folded)
        or not _BELOW_CONFIG.isdisjoint(after_config)
        or any(_FILES.fullmatch(name) for name in folded)
    )
