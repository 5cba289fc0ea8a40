"""Trust: whether the files of this folder are obeyed."""

from __future__ import annotations

import shlex

from ion_core.config.trust import NAME, standing
from ion_core.doctor.base import Check, Patient

_MOST = 8


def trust(patient: Patient) -> Check:
    """How this folder stands; of one that is not trusted, the names of what would load."""
    found = standing(patient.cwd, patient.home)
    if found.damage:
        file = shlex.quote(str(patient.home / NAME))
        fix = f"mv {file} {file}.damaged, and decide again for each folder."
        return Check(name="trust", status="fail", detail=found.damage, fix=fix)
    if found.trusted:
        fix = f"To take it back, delete its lines from {patient.home / NAME}."
        return Check(name="trust", status="ok", detail=f"{patient.cwd} is trusted. {fix}")
    detail = f"{patient.cwd} is not trusted: READ mode, and no file of it is obeyed."
    if found.changes:
        detail = f"What {patient.cwd} would run has changed since it was trusted."
    if found.names:
        more = f" and {len(found.names) - _MOST} more" if len(found.names) > _MOST else ""
        detail += f" Here would load: {', '.join(found.names[:_MOST])}{more}."
    fix = "Open ion here and decide, or use --trust-once."
    return Check(name="trust", status="warn", detail=detail, fix=fix)
