"""The configuration room: layers of TOML, validated once, remembered until a file changes.

``load(cwd)`` gives the settings; ``read_key`` a provider's key. Importing this costs neither
pydantic nor a TOML parser.
"""

from __future__ import annotations

from ion_core.config.builtin import BUILTIN
from ion_core.config.keys import read_key
from ion_core.config.load import Loaded, load
from ion_core.config.paths import Places, ion_home
from ion_core.config.provider_schema import ModelSettings, ProviderSettings
from ion_core.config.schema import Settings

__all__ = [
    "BUILTIN",
    "Loaded",
    "ModelSettings",
    "Places",
    "ProviderSettings",
    "Settings",
    "ion_home",
    "load",
    "read_key",
]
