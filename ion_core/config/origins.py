"""Where in the configuration a server or a hook stands: for lists that people read."""

from __future__ import annotations

from functools import cached_property

from ion_core.config.layers import read_layers
from ion_core.config.paths import Places
from ion_core.config.scope import KeyPath, value_at


class Origins:
    """Reads the files when it is made. Every place is ``file:line``."""

    def __init__(self, places: Places) -> None:
        self._strongest = list(reversed(read_layers(places)[0]))

    def server(self, name: str) -> str:
        """Where an MCP server gets what is obeyed of it; empty for one of the environment."""
        path: KeyPath = ("mcp_servers", name)
        for layer in self._strongest:
            if value_at(layer.values, path) is not None:
                return f"{layer.file}:{layer.line(path)}"
        return ""

    def hook(self, at: int) -> str:
        """Where the hook with an index in the settings stands; empty for one of elsewhere."""
        return self._hooks[at] if 0 <= at < len(self._hooks) else ""

    @cached_property
    def _hooks(self) -> list[str]:
        return [
            f"{layer.file}:{layer.line(('hooks', at))}"
            for layer in self._strongest
            for at in range(len(value_at(layer.values, ("hooks",)) or ()))
        ]
