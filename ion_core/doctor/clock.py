"""The clock: certificates, logins and the order of sessions depend on it."""

from __future__ import annotations

import time
from pathlib import Path

from ion_core.doctor.base import Check, Patient

DAY_S = 86_400
_MADE = Path(__file__)


def clock(patient: Patient) -> Check:
    """Whether it is later than what is known to be past: ion's own files, the newest session."""
    now = time.time()
    shown = time.strftime("%Y-%m-%d %H:%M %Z", time.localtime(now))
    past = [_MADE, patient.home / "sessions.db"]
    latest = max(file.stat().st_mtime for file in past if file.exists())
    if now < latest - DAY_S:
        return Check(
            name="clock",
            status="warn",
            detail=f"It says {shown}, which is before files that are there: it seems to be slow.",
            fix="Set the clock: servers are not believed while it is wrong.",
        )
    return Check(name="clock", status="ok", detail=f"It says {shown}.")
