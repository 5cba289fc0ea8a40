"""The rules about paths, held also for what a search finds below a folder.

``grep``, ``glob`` and ``list`` name a folder and tell of its files; a rule that denies or asks
about one of them keeps it out of the result, since nobody is asked about each. Commands of ``bash``
are looked into in ``named``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ion_core.policy.policy import Policy
from ion_core.policy.secrets import may_be_secret
from ion_core.tools.sieve import Hides

CONTENTS: Final = "grep"
SEARCHES: Final[dict[str, tuple[str, ...]]] = {
    CONTENTS: ("read", "grep"),
    "glob": ("list", "glob"),
    "list": ("list", "glob"),
}
"""By what names a search goes in rules: whoever may not read a file may not search it."""


def hidden_from(tool: str, policy: Policy) -> Hides | None:
    """What a tool may not tell of, None when it may of all. The contents of files that usually
    hold keys are told to whoever names such a file, and may."""
    names = SEARCHES.get(tool, ())
    by_rule = _by_rule(names, policy) if names and policy.rules.objects(names) else None
    if tool != CONTENTS:
        return by_rule

    def hides(path: Path) -> bool:
        return _may_hold_keys(path, policy) or (by_rule is not None and by_rule(path))

    return hides


def _by_rule(names: tuple[str, ...], policy: Policy) -> Callable[[Path], bool]:
    return lambda path: policy.rules.objection(names, policy.forms(path)) is not None


def _may_hold_keys(path: Path, policy: Policy) -> bool:
    root = policy.workspace.root
    parts = path.relative_to(root).parts if path.is_relative_to(root) else path.parts
    if not may_be_secret(parts):
        return False
    forms = (str(path), policy.workspace.shown(path))
    return not any(policy.rules.allows(SEARCHES[CONTENTS], form) for form in forms)
