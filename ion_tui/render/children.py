"""An agent at work, in one line."""

from __future__ import annotations

from ion_core.subagent_events import requests
from ion_core.underway import Child


def told_of(child: Child) -> str:
    """What it does now, how far it is and what it used."""
    progress = child.progress
    if progress is None:
        return f"{child.begun.agent} begins"
    if progress.waits_for:
        return f"{child.begun.agent} needs your {progress.waits_for.split()[-1]}"
    doing = f"{progress.tool} {progress.target}".strip() or "thinks"
    parts = [doing, requests(progress.turns), f"{progress.tokens / 1000:.1f}k tokens"]
    if progress.cost_nano:
        parts.append(f"${progress.cost_nano / 1e9:.4f}")
    return " · ".join(parts)
