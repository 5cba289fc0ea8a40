"""The system prompt: a small jinja2 template and a cache of its rendered form.

The prompt holds nothing that changes within a session (no date, no git status), so that provider
caches hit. A warm start finds the rendered text in the cache and imports no jinja2 (about 50 ms).
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from ion_core import private
from ion_core.errors import ConfigError

TEMPLATES = Path(__file__).parent / "templates"


def family_of(model: str) -> str:
    """What a model, by its id at whatever provider, is told in a way of its own: "claude", "gpt",
    "gemini" or "other"."""
    name = model.lower().rpartition("/")[2]
    if "gpt-oss" in name:
        return "other"
    if name.startswith(("o1", "o3", "o4")):
        return "gpt"
    marks = {"claude": ("claude",), "gemini": ("gemini",), "gpt": ("gpt-", "codex", "chatgpt")}
    found = (family for family, said in marks.items() if any(mark in name for mark in said))
    return next(found, "other")


def system_prompt(
    cwd: Path,
    cache: Path | None,
    *,
    model: str = "",
    extra: str = "",
    template_file: Path | None = None,
) -> str:
    """The system prompt for a session in ``cwd`` that ``model`` answers; ``extra`` is appended to
    it. ``template_file`` stands in the place of ion's own; ``ConfigError`` when it cannot be read
    or means nothing.

    ``cache`` is a folder for rendered prompts; None renders each time.
    """
    source = template_file or TEMPLATES / "system.j2"
    try:
        template = source.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The system prompt {source} cannot be read: {error}.") from error
    values = {
        "cwd": os.fsencode(cwd).decode("utf-8", "replace"),
        "platform": {"darwin": "macOS", "linux": "Linux"}.get(sys.platform, sys.platform),
        "git": (cwd / ".git").exists(),
        "family": family_of(model),
        "extra": extra,
    }
    if cache is None:
        return _render(template, values, source)
    kept = cache / f"{_key(template, values)}.txt"
    try:
        return kept.read_text("utf-8")
    except FileNotFoundError:
        text = _render(template, values, source)
        _keep(kept, text)
        return text


def _key(template: str, values: dict[str, object]) -> str:
    state = repr((template, sorted(values.items()))).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(state, digest_size=16).hexdigest()


def _render(template: str, values: dict[str, object], source: Path) -> str:
    # Start-up: 50 ms, and only on a cache miss. A person's own template runs no code of anybody's.
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment as Environment

    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    try:
        text = environment.from_string(template).render(values).strip() + "\n"
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f"{source}:{line}" if line else source
        raise ConfigError(f"The system prompt {where} is no template: {error.message}.") from error
    extra = str(values["extra"]).strip()
    return text if not extra or extra in text else f"{text}\n{extra}\n"


def _keep(path: Path, text: str) -> None:
    """Write the rendered prompt; a cache that cannot be written is no cache."""
    scratch = path.with_suffix(f".{os.getpid()}")
    try:
        with private.file(scratch) as file:
            file.write(text.encode())
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
