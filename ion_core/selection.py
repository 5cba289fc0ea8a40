"""Which models there are to choose from, and which of them a person likes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ion_core.accounts import Accounts
from ion_core.config.schema import Settings
from ion_core.in_force import InForce
from ion_core.providers.base import ModelInfo
from ion_core.roster import Roster
from ion_core.sessions.base import SessionStore

if TYPE_CHECKING:
    from ion_core.local.install import Progress

RECENT = 50
"""Sessions whose models count as recent."""


class Selection:
    """The part of a runtime that says so."""

    roster: Roster
    store: SessionStore
    _in_force: InForce

    @property
    def settings(self) -> Settings:
        """The settings in force now."""
        raise NotImplementedError

    @property
    def accounts(self) -> Accounts:
        """The keys of the providers, and how to log in to them."""
        return self.roster.accounts

    async def models(self) -> list[ModelInfo]:
        """The models that can be used here."""
        return await self.roster.models()

    @property
    def models_dated(self) -> str:
        """The ISO date of what is known of models beforehand."""
        return self.roster.dated

    async def models_at(self, provider: str) -> list[ModelInfo]:
        """The models of one provider; see ``Roster.models_at``."""
        return await self.roster.models_at(provider)

    async def try_model(self, ref: str) -> None:
        """Ask a model for one token. Raises what a first question would raise."""
        from ion_core.trial import trial  # start-up: a new login only

        await trial(await self.roster.resolve(ref))

    async def recent_models(self) -> list[str]:
        """The models of the latest sessions, newest first."""
        sessions = await self.store.sessions(limit=RECENT)
        return list(dict.fromkeys(info.model for info in sessions if info.model))

    @property
    def favourites(self) -> tuple[str, ...]:
        """The models that the picker shows first."""
        return self.settings.catalogue.favourites

    async def favour(self, ref: str, on: bool) -> None:
        """Make a model a favourite, or no longer. Raises ``ConfigError``."""
        others = [known for known in self.favourites if known != ref]
        await self._in_force.write("catalogue.favourites", [*others, ref] if on else others)

    async def set_default_model(self, ref: str) -> None:
        """Begin new sessions with a model, here and in times to come. Raises ``ConfigError``."""
        await self._in_force.write("model", ref)

    async def set_limit(self, name: str, value: float) -> None:
        """Stop there by itself, from the next turn on (0: nowhere). Raises ``ConfigError``."""
        await self._in_force.write(f"limits.{name}", value)

    async def needs_local_consent(self) -> bool:
        """Whether nothing but the embedded model could answer, and it is not installed yet."""
        return await self.roster.needs_embedded()

    async def install_local(self, progress: Progress) -> None:
        """Fetch the embedded model; see ``Roster.install_embedded``."""
        await self.roster.install_embedded(progress)
