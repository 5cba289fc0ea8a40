"""What is recorded before calls may have an effect: that they begin, and what they mean to do.

Should the process die, recovery knows from it what may be run again, what can be seen on the disk,
and what nobody can know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ion_core.sessions.base import OpenEffect, Recovery
from ion_core.tools.base import Effect
from ion_core.tools.paths import Workspace

if TYPE_CHECKING:
    from ion_core.agent.plan import Planned
    from ion_core.tools.foresight import Meant

RECOVERY: dict[Effect, Recovery] = {
    "read": "replay_safe",
    "network": "replay_safe",
    "write": "reconcile",
    "execute": "never",
    "ask": "replay_safe",
}


async def intents(plans: Sequence[Planned], workspace: Workspace) -> list[OpenEffect]:
    """An intent for each call. What files will be after a call that writes is foretold, unless a
    command comes before it, which may do anything to them."""
    effects = [plan.effect for plan in plans]
    known = effects.index("execute") if "execute" in effects else len(plans)
    if "write" not in effects[:known]:
        return [_intent(plan) for plan in plans]
    meant = await asyncio.to_thread(_foretold, plans[:known], workspace)
    return [
        *(_intent(plan, files) for plan, files in zip(plans[:known], meant, strict=True)),
        *(_intent(plan) for plan in plans[known:]),
    ]


def _foretold(plans: Sequence[Planned], workspace: Workspace) -> list[tuple[Meant, ...]]:
    from ion_core.tools.foresight import Sketch  # start-up: few first answers write

    sketch = Sketch(workspace)
    return [sketch.meant(plan.tool, plan.args) if plan.effect == "write" else () for plan in plans]


def _intent(plan: Planned, files: tuple[Meant, ...] = ()) -> OpenEffect:
    said = {"files": msgspec.to_builtins(files)} if files else {}
    return OpenEffect(
        call=plan.call.id,
        tool=plan.name,
        recovery="never" if plan.name == "task" else RECOVERY[plan.effect],
        detail={"target": plan.target, **said},
    )
