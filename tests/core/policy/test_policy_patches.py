"""A patch can write, edit and move: what is denied to those is denied to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.config.schema import PermissionRule
from ion_core.policy.policy import Policy
from ion_core.policy.rules import Rules
from ion_core.tools.patch import ApplyPatch, PatchArgs
from ion_core.tools.paths import Workspace

PATCH = "*** Begin Patch\n*** Update File: a.txt\n*** Move to: keys/b.txt\n-x\n+y\n*** End Patch"


@pytest.mark.parametrize("tool", ["write", "edit", "apply_patch", "*"])
@pytest.mark.parametrize("pattern", ["a.txt", "keys/*"])
def test_a_rule_holds_for_every_path_of_a_patch(tmp_path: Path, tool: str, pattern: str) -> None:
    rule = PermissionRule(tool=tool, pattern=pattern, decision="deny")
    policy = Policy(Workspace(tmp_path), tmp_path, Rules((rule,)))
    target = ApplyPatch().target(PatchArgs(patch=PATCH))
    answer = policy.target("apply_patch", target)
    assert answer is not None
    assert answer.decision == "deny"
