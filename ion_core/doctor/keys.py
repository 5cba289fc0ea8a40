"""Keys: which providers have one, and from where; never the key itself."""

from __future__ import annotations

from ion_core.accounts import Account, Accounts
from ion_core.doctor.base import Check, Patient


def keys(patient: Patient) -> Check:
    """The providers with a key, and whether the model's own has one."""
    accounts = Accounts(patient.settings, patient.env, patient.home)
    known = accounts.all()
    having = [account for account in known if account.source]
    said = "; ".join(f"{account.provider}: {account.source}" for account in having)
    detail = [f"Keys by where they come from: {said}." if having else "No provider has a key."]
    wanting = _wanting(patient.settings.model, known)
    if wanting:
        detail.append(f"The model of the settings, {patient.settings.model}, has none.")
    detail += accounts.complaints
    fix = "" if having and not wanting else f"ion login {wanting or 'PROVIDER'}"
    if not having and not wanting:
        fix += ", or a model on this machine: ion local install"
    is_fine = bool(having) and not wanting and not accounts.complaints
    return Check(name="keys", status="ok" if is_fine else "warn", detail=" ".join(detail), fix=fix)


def _wanting(model: str, accounts: list[Account]) -> str:
    """The provider of the model, when it has no key and needs one."""
    name = model.partition("/")[0]
    needy = [a for a in accounts if a.provider == name and a.ways and a.variable and not a.source]
    return needy[0].provider if needy else ""
