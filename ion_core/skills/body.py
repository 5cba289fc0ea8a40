"""What a skill says, with what was given to it filled in.

``$ARGUMENTS`` is all of it, ``$0`` and so on its words; without either it is put at the end. Lines
``@file`` take in a file of the skill's own folder.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ion_core.arguments import filled
from ion_core.skills.model import FILE, Skill, document_of

LONGEST: Final = 60_000
"""Characters of a body with everything that it takes in."""
_INCLUDED: Final = re.compile(r"^[ \t]*@([^\s@]+)[ \t]*$", re.MULTILINE)


def body_of(skill: Skill, args: str) -> str:
    """The text for a model. Blocking. Raises ``OSError`` for a file that is gone, ``ValueError``
    for one that is no text."""
    text = document_of(skill.file.read_text("utf-8-sig")).body.strip()
    text = _INCLUDED.sub(lambda found: _included(skill.folder, found), text)
    text = filled(text, args, first=0)
    text = text.replace("${CLAUDE_SKILL_DIR}", str(skill.folder)).replace(
        "${SKILL_DIR}", str(skill.folder)
    )
    head = f"(This skill's folder is {skill.folder}; paths in it are relative to that.)"
    return f"{head}\n\n{text[:LONGEST]}"


def _included(folder: Path, found: re.Match[str]) -> str:
    root = folder.resolve()
    path = (root / found[1]).resolve()
    if not path.is_relative_to(root) or not path.is_file() or path.name == FILE:
        return found[0]
    try:
        text = path.read_text("utf-8-sig")[:LONGEST].rstrip()
    except (OSError, UnicodeDecodeError):
        return found[0]
    return f'<file path="{found[1]}">\n{text}\n</file>'
