"""A skill, as its ``SKILL.md`` says it.

The fields are those of the Agent Skills specification (agentskills.io) and what Claude Code and the
original ion added. What breaks a rule of it is told and used all the same, as long as it has a name
and a description.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from ion_core.frontmatter import Document, parsed, words

FILE: Final = "SKILL.md"
LONGEST_NAME: Final = 64
LONGEST_DESCRIPTION: Final = 1024
LONGEST_BODY: Final = 500
"""Lines that the specification advises at most."""
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_XML: Final = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?<skill\b", re.IGNORECASE)


class Skill(Struct, frozen=True, kw_only=True):
    """``folder`` is where it lies, ``owner`` whose it is ("project", "person" or "ion"). ``models``
    are those that it is for, none: any. ``complaints`` are rules that it breaks; ``problem`` is why
    it cannot be used, ``shadowed`` that another one of its name is."""

    name: str
    description: str
    folder: Path
    owner: str
    allowed: tuple[str, ...] = ()
    disallowed: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    hint: str = ""
    by_model: bool = True
    by_person: bool = True
    fork: bool = False
    agent: str = ""
    complaints: tuple[str, ...] = ()
    problem: str = ""
    shadowed: bool = False

    @property
    def usable(self) -> bool:
        return not self.problem and not self.shadowed

    @property
    def file(self) -> Path:
        return self.folder / FILE


def read(folder: Path, owner: str) -> Skill:
    """The skill of a folder. Blocking. Never raises: what cannot be read is its ``problem``."""
    try:
        text = (folder / FILE).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return _broken(folder, owner, f"{FILE} cannot be read: {error}")
    document = document_of(text)
    if document.problem:
        return _broken(folder, owner, document.problem)
    meta = document.meta
    name = str(meta.get("name") or folder.name).strip()
    description = " ".join(str(meta.get("description") or "").split())
    if not description:
        return _broken(folder, owner, "It has no description.", name)
    return Skill(
        name=name,
        description=description,
        folder=folder,
        owner=owner,
        allowed=words(meta.get("allowed-tools", meta.get("allowed_tools"))),
        disallowed=words(meta.get("disallowed-tools", meta.get("disallowed_tools"))),
        models=words(meta.get("models", meta.get("model"))),
        hint=str(meta.get("argument-hint") or ""),
        by_model=not _is(meta, "disable-model-invocation"),
        by_person=_is(meta, "user-invocable", default=True),
        fork=str(meta.get("context") or "") == "fork",
        agent=str(meta.get("agent") or ""),
        complaints=tuple(_complaints(name, description, folder, document)),
    )


def document_of(text: str) -> Document:
    """The head and the body, whether the head is YAML or the whole is the original's XML."""
    if _XML.match(text) is None:
        return parsed(text)
    meta: dict[str, Any] = {
        name: _between(text, name)
        for name in ("name", "description", "allowed-tools", "model", "models", "argument-hint")
        if _between(text, name)
    }
    body = _between(text, "instructions") or _between(text, "prompt") or _between(text, "body")
    return Document(meta, body or re.sub(r"</?skill[^>]*>", "", text, flags=re.IGNORECASE).strip())


def _between(text: str, name: str) -> str:
    underscored = name.replace("-", "[-_]")
    pattern = rf"<{underscored}\b[^>]*>(.*?)</{underscored}\s*>"
    found = re.search(pattern, text, re.DOTALL | re.IGNORECASE)
    if found is None:
        return ""
    from html import unescape  # start-up: few skills are in XML

    return unescape(found[1].removeprefix("<![CDATA[").removesuffix("]]>")).strip()


def _is(meta: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    value = meta.get(name, meta.get(name.replace("-", "_"), default))
    return value if isinstance(value, bool) else str(value).lower() in ("true", "yes", "1")


def _complaints(name: str, description: str, folder: Path, document: Document) -> list[str]:
    said = []
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        said.append(f"The name {name!r} should be lower-case letters, digits and single hyphens.")
    if name != folder.name:
        said.append(f"The name {name!r} is not that of its folder, {folder.name!r}.")
    if len(description) > LONGEST_DESCRIPTION:
        said.append(f"The description has {len(description)} characters; 1,024 are the most.")
    if (lines := document.body.count("\n")) > LONGEST_BODY:
        said.append(f"The body has {lines} lines; at most {LONGEST_BODY} are advised.")
    return said


def _broken(folder: Path, owner: str, problem: str, name: str = "") -> Skill:
    return Skill(
        name=name or folder.name, description="", folder=folder, owner=owner, problem=problem
    )
