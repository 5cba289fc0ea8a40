"""The configuration: which files it comes from, and what is wrong with them."""

from __future__ import annotations

from ion_core.doctor.base import Check, Patient

_MOST = 4


def configuration(patient: Patient) -> Check:
    """The files that were read, their warnings, or why they could not be used."""
    if patient.trouble:
        lines = patient.trouble.splitlines()
        more = [f"And {len(lines) - _MOST} more."] if len(lines) > _MOST else []
        return Check(
            name="configuration",
            status="fail",
            detail=" ".join([*lines[:_MOST], *more]),
            fix="Mend it; `ion config explain KEY` and `ion config schema` say what is valid.",
        )
    files = ", ".join(str(file) for file in patient.files)
    read = f"Read: {files}." if files else "There is no file: everything is as ion comes."
    return Check(
        name="configuration",
        status="warn" if patient.warnings else "ok",
        detail=" ".join([read, *patient.warnings]),
        fix="Take the line out, or move it to your own file." if patient.warnings else "",
    )
