"""What types cannot say: models name providers that exist, providers have an address.

Runs once over the joined settings; each fault is told where its key was set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ion_core.config.builtin import BUILTIN
from ion_core.config.layers import Fault, Layer
from ion_core.config.names import dotted, nearest
from ion_core.config.schema import Settings
from ion_core.config.scope import KeyPath, value_at

HOOK_WAYS: Final = ("command", "url", "prompt", "tool")


def reachable(settings: Settings, layers: Sequence[Layer]) -> Settings:
    """Without providers that only a project speaks of: their address was not its to give."""
    own = [layer.values.get("providers", {}) for layer in layers if layer.name == "user"]
    providers = {
        name: provider
        for name, provider in settings.providers.items()
        if provider.base_url or name in BUILTIN or any(name in table for table in own)
    }
    return msgspec.structs.replace(settings, providers=providers)


def meaning_faults(settings: Settings, layers: Sequence[Layer]) -> Iterator[Fault]:
    """Everything that is wrong though every type is right."""
    for path, reference in _model_references(settings):
        if wrong := _wrong_reference(settings, path, reference):
            yield _placed(layers, path, wrong, reference)
    for path, wrong in _unreachable(settings):
        yield _placed(layers, path, wrong)
    for layer in layers:
        yield from _idle_hooks(layer)


def _model_references(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    yield ("model",), settings.model
    yield ("small_model",), settings.small_model
    for place, reference in enumerate(settings.fallback_models):
        yield ("fallback_models", place), reference
    if settings.compaction.model not in ("session", "small", "auto"):
        yield ("compaction", "model"), settings.compaction.model
    for name, profile in settings.profiles.items():
        yield ("profiles", name, "model"), profile.model
    yield ("agents", "review_model"), settings.agents.review_model


def _wrong_reference(settings: Settings, path: KeyPath, reference: str) -> str:
    provider, slash, model = reference.partition("/")
    if not reference or (provider in settings.providers and model):
        return ""
    meant = nearest(provider, settings.providers)
    if slash and model:
        return f"`{dotted(path)}`: unknown provider `{provider}`{meant}"
    return f'`{dotted(path)}` must be "provider/model", not "{reference}"'


def _unreachable(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    for name, provider in settings.providers.items():
        addressed = provider.base_url or provider.project
        if not addressed and name not in BUILTIN:
            meant = nearest(name, BUILTIN)
            path: KeyPath = ("providers", name)
            yield path, f"`{dotted(path)}` is not built in and has no `base_url`{meant}"
    for name, server in settings.mcp_servers.items():
        if bool(server.command) == bool(server.url):
            path = ("mcp_servers", name)
            yield path, f"`{dotted(path)}` needs either `command` or `url`"


def _idle_hooks(layer: Layer) -> Iterator[Fault]:
    for place, hook in enumerate(layer.values.get("hooks", ())):
        if sum(bool(hook.get(way)) for way in HOOK_WAYS) != 1:
            message = f"a hook on {hook['event']} needs one of `command`, `url`, `prompt`, `tool`"
            yield layer.fault(("hooks", place), message)
        try:
            re.compile(str(hook.get("matcher") or ""))
        except re.error as error:
            if hook["matcher"].strip() != "*":
                message = f"the matcher of a hook on {hook['event']} is no pattern: {error}"
                yield layer.fault(("hooks", place), message)


def _placed(
    layers: Sequence[Layer], path: KeyPath, message: str, value: str | None = None
) -> Fault:
    """Told at the strongest layer that says it; what a flag or a variable said has no place."""
    for layer in reversed(layers):
        if path in layer.lines and value in (None, value_at(layer.values, path)):
            return layer.fault(path, message)
    return Fault(message=message)
