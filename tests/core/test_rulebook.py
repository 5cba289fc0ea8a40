"""A rule that a person keeps holds at once and from then on, until they forget it."""

from __future__ import annotations

from pathlib import Path

from ion_core.asking import Proposal
from ion_core.runtime import Runtime

PUSH = Proposal(tool="bash", pattern="git push *")


def _runtime(tmp_path: Path) -> Runtime:
    (tmp_path / "project").mkdir(exist_ok=True)
    env = {"ION_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    return Runtime(tmp_path / "project", keep=False, env=env)


async def test_a_kept_rule_holds_at_once_and_in_the_next_run(tmp_path: Path) -> None:
    async with _runtime(tmp_path) as runtime:
        await runtime.rulebook.keep(PUSH)
        assert [rule.pattern for rule in runtime.settings.permissions.rules] == ["git push *"]
    async with _runtime(tmp_path) as later:
        (kept,) = await later.rulebook.rules()
        assert (kept.rule.pattern, kept.rule.decision, kept.layer) == (
            "git push *",
            "allow",
            "user",
        )


async def test_a_forgotten_rule_holds_no_more(tmp_path: Path) -> None:
    async with _runtime(tmp_path) as runtime:
        await runtime.rulebook.keep(PUSH)
        (kept,) = await runtime.rulebook.rules()
        await runtime.rulebook.forget(kept.rule)
        assert runtime.settings.permissions.rules == ()
        assert await runtime.rulebook.rules() == []
