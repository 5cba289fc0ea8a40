"""From layers to settings: pydantic-settings joins flags, files, environment and built-ins.

Order, strongest first: flags, project-local, project, user, ``ION_*``, built-in. Tables are merged
key by key; of lists the strongest is taken, except that hooks and permission rules of all files
add up, so that no repository can take a user's rules away. Every layer is checked strictly and by
itself, so that each fault is told with its own file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from pydantic import ValidationError, create_model
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from ion_core.config.builtin import BUILTIN
from ion_core.config.checked import fields_of, problems, told
from ion_core.config.layers import Fault, Layer, complain
from ion_core.config.meaning import meaning_faults, reachable
from ion_core.config.schema import Settings
from ion_core.config.scope import KeyPath, place
from ion_core.errors import ConfigError


def join(layers: Sequence[Layer], flags: Mapping[str, Any], env: Mapping[str, str]) -> Settings:
    """The settings that ``layers`` (weakest first) amount to.

    Raises one ``ConfigError`` that tells every fault.
    """
    given = nested(flags)
    flag_faults = (Fault(message=item.message) for item in problems(given))
    complain([*_layer_faults(layers), *flag_faults])
    settings = reachable(_joined(layers, given, env), layers)
    complain(meaning_faults(settings, layers))
    return settings


def nested(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Flags by their dotted keys (``limits.max_turns``) as tables; flags of None are not given."""
    values: dict[str, Any] = {}
    for key, value in flags.items():
        if value is not None:
            place(values, tuple(key.split(".")), value)
    return values


def from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    """What ``ION_*`` says, as tables. Raises ``ConfigError`` for a value that is not JSON."""
    try:
        return Environment(_reader(lambda cls: ()), env)()
    except SettingsError as error:
        raise _unreadable(error) from error


class Environment(EnvSettingsSource):
    """``ION_*`` of the mapping it is given; ``__`` goes down a table (``ION_TUI__THEME``).

    An empty variable is one that is not set.
    """

    def __init__(self, settings_cls: type[BaseSettings], env: Mapping[str, str]) -> None:
        self._env = env
        super().__init__(settings_cls)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._env.items() if value}


def _joined(layers: Sequence[Layer], flags: dict[str, Any], env: Mapping[str, str]) -> Settings:
    files = list(_with_weaker_lists(layers))
    builtin = {"providers": {name: msgspec.to_builtins(item) for name, item in BUILTIN.items()}}
    reader = _reader(
        lambda cls: (
            InitSettingsSource(cls, flags),
            *(InitSettingsSource(cls, values) for values in reversed(files)),
            Environment(cls, env),
            InitSettingsSource(cls, builtin),
        )
    )
    try:
        return msgspec.convert(reader().model_dump(), Settings)
    except SettingsError as error:
        raise _unreadable(error) from error
    except ValidationError as error:
        # Files and flags passed their own check: what is left came from a variable.
        complain(Fault(message=f"{variable(item.path)}: {item.message}") for item in told(error))
        raise


def _unreadable(error: SettingsError) -> ConfigError:
    return ConfigError(f"in the environment (ION_*): {error}")


def _reader(
    sources: Callable[[type[BaseSettings]], tuple[PydanticBaseSettingsSource, ...]],
) -> type[BaseSettings]:
    class Sources(BaseSettings):
        model_config = SettingsConfigDict(
            env_prefix="ION_", env_nested_delimiter="__", extra="forbid"
        )

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: Any, **__: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return sources(settings_cls)

    return create_model("Settings", __base__=Sources, **fields_of(Settings))


def _with_weaker_lists(layers: Iterable[Layer]) -> Iterator[dict[str, Any]]:
    """The values of each layer, its rules and hooks followed by those of the weaker ones."""
    rules: list[Any] = []
    hooks: list[Any] = []
    for layer in layers:
        values = dict(layer.values)
        rules = values.get("permissions", {}).get("rules", []) + rules
        hooks = values.get("hooks", []) + hooks
        if rules:
            values["permissions"] = values.get("permissions", {}) | {"rules": rules}
        if hooks:
            values["hooks"] = hooks
        yield values


def _layer_faults(layers: Iterable[Layer]) -> Iterator[Fault]:
    for layer in layers:
        # What is written is checked, not what is left of it: so lists keep their positions.
        faults = [
            layer.fault(item.path, item.message)
            for item in problems(layer.written)
            if not any(item.path[: len(path)] == path for path in layer.dropped)
        ]
        yield from sorted(faults, key=lambda fault: fault.line)


def variable(path: KeyPath) -> str:
    """The environment variable that sets ``path``."""
    return "ION_" + "__".join(str(name) for name in path).upper()
