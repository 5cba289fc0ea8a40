"""An endpoint: where a provider is reached, with which key, and what is known of its models.

A value that the registry builds from settings and hands to a provider. It reads no environment and
no file, and its ``repr`` never shows a secret.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from ion_core.messages import Origin
from ion_core.providers.base import ModelInfo


class Endpoint(Struct, frozen=True, kw_only=True):
    """One ``[providers.NAME]``.

    ``base_url`` is the API root (``https://host/v1``) without a slash at its end; for the protocol
    ``scripted`` it is the path of a script. ``connect_timeout_s`` limits making a connection,
    ``idle_timeout_s`` the silence between two bytes of an answer; there is no limit on the whole.
    ``headers`` and ``extra_body`` are added to every request and win over ion's own. ``models``
    are those known from settings and catalogue, by id; ``routing`` what a router may choose from.
    ``trace_folder`` is where its HTTP is written down, "" for nowhere, and ``untold`` what must
    not stand there.
    """

    name: str
    base_url: str
    protocol: str = "openai-chat"
    api_key: str = ""
    headers: dict[str, str] = {}
    extra_body: dict[str, Any] = {}
    routing: dict[str, Any] = {}
    connect_timeout_s: float = 15.0
    idle_timeout_s: float = 300.0
    trace_folder: str = ""
    untold: tuple[str, ...] = ()
    models: dict[str, ModelInfo] = {}

    def __repr__(self) -> str:
        return f"Endpoint(name={self.name!r}, protocol={self.protocol!r})"

    @property
    def host(self) -> str:
        """Host and port for people, without a name or a password before them."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    def model(self, model: str) -> ModelInfo:
        """What is known of a model; of an unknown one, only its name."""
        return self.models.get(model) or ModelInfo(provider=self.name, id=model)

    def origin(self, model: str) -> Origin:
        """The origin of this endpoint's answers."""
        return Origin(
            protocol=self.protocol, provider=self.name, base_url=self.base_url, model=model
        )
