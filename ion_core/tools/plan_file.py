"""The plan of a session as a file: ``.ion/plans/<name>.md`` in the workspace.

``.ion`` steers ion and is otherwise never written by tools. A plan is a plain file directly in its
folder: neither it nor a folder on the way is a link, so that nothing else can be written in its
name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ion_core.tools.paths import PathRefused, Workspace

FOLDER: Final = ".ion/plans"

MOST_BYTES: Final = 256_000
"""A plan is to be read by a person in one go."""

_LONGEST = 40


def plan_path(workspace: Workspace, path: str) -> Path:
    """The real path of the plan file that ``path`` names; it may not exist yet. Raises
    ``PathRefused``."""
    name = Path(path).name
    refused = f"{path} is no plan: a plan is a plain file, {FOLDER}/<name>.md, with no link to it."
    if not name.endswith(".md") or name.startswith("."):
        raise PathRefused(refused)
    try:
        return opened(workspace, workspace.root / FOLDER / name).resolve(path, "write")
    except PathRefused as error:
        raise PathRefused(refused) from error


def opened(workspace: Workspace, plan: Path) -> Workspace:
    """The workspace in which the plan may be written, and no other file."""
    return replace(workspace, plan=plan)


def plan_name(words: str, tail: str) -> str:
    """A path for the plan of what ``words`` ask for; ``tail`` tells it from others like it."""
    import unicodedata  # start-up: not before a plan

    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    slug = ""
    for word in re.findall(r"[a-z0-9]+", plain[:400]):
        if len(slug) + len(word) > _LONGEST:
            break
        slug = f"{slug}-{word}" if slug else word
    return f"{FOLDER}/{slug or 'plan'}-{tail}.md"
