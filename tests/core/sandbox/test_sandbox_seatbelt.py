"""The profile for macOS, as text: it is generated here and obeyed there."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox_cell import home_of

from ion_core.sandbox.base import Bounds
from ion_core.sandbox.places import Surveyor
from ion_core.sandbox.seatbelt import command


def said(root: Path, **more: object) -> tuple[str, dict[str, str]]:
    """The profile and its parameters."""
    chosen: dict[str, object] = {"profile": "write", **more}
    bounds = Bounds(
        root=str(root),
        home=str(root.parent),
        own=str(root.parent / ".ion"),
        **chosen,  # type: ignore[arg-type]
    )
    words = command("sandbox-exec", bounds, Surveyor().places(bounds), "/private/tmp/ion")
    assert words[:2] == ["sandbox-exec", "-p"]
    assert words[-1] == "--"
    defined = dict(word.split("=", 1) for word in words[4:-1:2])
    return words[2], defined


def named(rule: str, profile: str, parameters: dict[str, str]) -> list[str]:
    """The paths of the rules that begin with ``rule``."""
    lines = [line for line in profile.splitlines() if line.startswith(f"({rule} ")]
    return [parameters[name] for line in lines for name in re.findall(r'param "(P\d+)"', line)]


def test_everything_is_refused_first(tmp_path: Path) -> None:
    profile, _ = said(home_of(tmp_path) / "work")
    assert profile.startswith("(version 1)\n(deny default)\n")


def test_only_the_workspace_and_a_private_folder_can_be_written(tmp_path: Path) -> None:
    root = home_of(tmp_path) / "work"
    profile, parameters = said(root)
    assert named("allow file-write*", profile, parameters) == [str(root), "/private/tmp/ion"]
    profile, parameters = said(root, profile="read")
    assert named("allow file-write*", profile, parameters) == ["/private/tmp/ion"]


def test_what_steers_other_programs_is_denied_after_it_was_allowed(tmp_path: Path) -> None:
    root = home_of(tmp_path) / "work"
    (root / ".git").mkdir()
    profile, parameters = said(root)
    denied = named("deny file-write*", profile, parameters)
    for name in (".git/config", ".git/hooks", ".ion", ".vscode", ".mcp.json"):
        assert f"{root}/{name}" in denied
    assert profile.index("(deny file-write*") > profile.index("(allow file-write* (subpath (param")
    assert f"{root}/.git" in named("deny file-write-unlink", profile, parameters)


def test_secrets_below_a_readable_folder_are_denied(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    profile, parameters = said(home / "work", readable=(str(home),))
    assert f"{home}/.ssh" in named("deny file-read* file-write*", profile, parameters)


def test_the_network_is_named_only_when_it_is_on(tmp_path: Path) -> None:
    root = home_of(tmp_path) / "work"
    assert "network" not in said(root)[0]
    assert "network" not in said(root, network="proxy")[0]
    assert "network" not in said(root, network="on", profile="read")[0]
    assert "(allow network-outbound (remote ip))" in said(root, network="on")[0]


def test_no_name_can_say_anything_in_the_profile(tmp_path: Path) -> None:
    plain = home_of(tmp_path) / "work"
    odd = plain / '") (allow default) ("'
    odd.mkdir()
    profile, parameters = said(odd)
    assert "allow default" not in profile
    assert str(odd) in parameters.values()
