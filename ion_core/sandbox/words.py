"""What people and models are told of the sandbox, in sentences."""

from __future__ import annotations

from ion_core.sandbox.base import Bounds, Means, Protection

NO_PROXY = 'network = "proxy" needs bubblewrap, so the network is off'
"""Landlock knows ports but no addresses: who may reach the proxy's port may reach it anywhere."""
NO_DOMAINS = "sandbox.allow_domains names nothing, so the network is off"

REDUCED_LIMITS = (
    "Without bubblewrap, parts of the workspace that must not change (.git/hooks, .git/config and "
    "the like) are compared after each command and put back, not protected while it runs.",
    "Files named .env or *.pem in the workspace can be read by commands.",
    "How many processes a command starts is not limited.",
    "Commands can change modes, owners and times of the person's files elsewhere, but no content.",
    "There is no private /tmp: $TMPDIR is a folder that all commands of one ion share.",
    "Commands see the names of other processes, but cannot look into them or signal them.",
)
ROOT_LIMITS = ("The kernel does not count root's processes: how many a command starts is open.",)
ALWAYS = (
    "No sandbox holds against a hole in the kernel.",
    "What a command may read it may put into files of the workspace.",
    "Hard links in the workspace that were there before lead to what they lead to.",
)


def hint(bounds: Bounds, protection: Protection) -> str:
    """What is allowed, for whoever was refused something."""
    temporary = "/tmp" if protection == "full" else "$TMPDIR"
    if bounds.profile == "read":
        may = f"In READ mode commands write nothing but {temporary}, which is private"
    else:
        where = ", ".join(dict.fromkeys((bounds.root, *bounds.writable)))
        may = (
            f"Commands write only in {where} and in {temporary}, which is private; "
            "git's hooks and configuration and files that steer editors, shells and ion stay as "
            "they are; the person's keys and other folders cannot be read"
        )
    return (
        f"{may}. {_network(bounds, protection)} Do not try to get around this: say what you need."
    )


def _network(bounds: Bounds, protection: Protection) -> str:
    if bounds.online:
        return "The network is on."
    if bounds.proxied and protection == "full":
        named = ", ".join(bounds.domains)
        return f"HTTP and HTTPS reach {named} through the proxy of HTTPS_PROXY, and nothing else."
    if bounds.proxied:
        return f"{NO_PROXY}, also to this machine."
    return "The network is off, also to this machine (setting: sandbox.network)."


def headline(means: Means) -> str:
    """One sentence on how well commands are held."""
    match means.protection:
        case "full":
            by = "Seatbelt" if means.seatbelt else f"bubblewrap {means.version}"
            parts = [by, *(["Landlock"] if means.landlock else []), "seccomp"]
            joined = by if means.seatbelt else f"{', '.join(parts[:-1])} and {parts[-1]}"
            return f"Commands run in a full sandbox ({joined})."
        case "reduced":
            return "Commands run in a reduced sandbox (Landlock and seccomp, no bubblewrap)."
    return "Nothing protects this machine from the commands that run."
