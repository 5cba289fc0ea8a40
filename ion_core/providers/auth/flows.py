"""One login from its first question to what is kept of it, whatever the provider and the way."""

from __future__ import annotations

from ion_core.errors import ConfigError, Unauthorised
from ion_core.ids import Clock
from ion_core.providers.auth import copilot, openrouter
from ion_core.providers.auth.chatgpt import PlanServer
from ion_core.providers.auth.companion import Companion, Way, agrees
from ion_core.providers.auth.device import Pause
from ion_core.providers.auth.key_pages import KEY_PAGES
from ion_core.providers.auth.key_shape import other_owner, usable
from ion_core.providers.auth.logins import KeptKey, Login, Tokens
from ion_core.providers.auth.servers import Servers

GIVEN_UP = "Nothing was changed."


class Flows:
    """The flows, with the ``servers`` they go to. ``client_id`` is that of the person's own app at
    GitHub; ``pause`` waits between two looks at a login."""

    def __init__(self, servers: Servers, client_id: str, clock: Clock, pause: Pause) -> None:
        self._servers, self._client_id, self._pause = servers, client_id, pause
        self._plan = PlanServer(site=servers.openai, ports=servers.ports, clock=clock)

    def check(self, provider: str) -> None:
        """Raises ``ConfigError`` for what a person must do before a login can begin."""
        if provider == "copilot" and not self._client_id:
            raise ConfigError(copilot.NO_APP)

    async def log_in(self, provider: str, way: Way, companion: Companion) -> Login:
        """A new login. Raises ``ProviderError`` and ``ConfigError`` with a sentence, and
        ``CancelledError`` when the person gives up."""
        match (provider, way):
            case ("chatgpt", "browser"):
                return await self._plan.by_browser(companion)
            case ("chatgpt", "device"):
                return await self._plan.by_device(companion, self._pause)
            case ("copilot", "device"):
                site = self._servers.github
                return await copilot.log_in(site, self._client_id, companion, self._pause)
            case ("openrouter", "browser"):
                return await openrouter.log_in(self._servers.openrouter, companion)
        raise ConfigError(f"There is no such login for {provider}.")

    async def log_out(self, provider: str, login: Login) -> str:
        """End a login at its server as far as that is possible; a sentence about what is left to
        do there, empty when nothing is."""
        if isinstance(login, Tokens):
            if await self._plan.revoke(login):
                return ""
            return (
                "OpenAI could not be told: the login may stay valid for a while. End it at "
                "https://chatgpt.com, under Settings, Security."
            )
        if provider == "copilot":
            return (
                "GitHub keeps its token valid until you revoke it: "
                "https://github.com/settings/applications, Authorized OAuth Apps."
            )
        return f"The key stays valid until you delete it: {KEY_PAGES.get(provider, provider)}"


async def pasted(provider: str, companion: Companion, *, foreign: bool, agreed: bool) -> KeptKey:
    """The key that a person pastes. With ``foreign``, one that looks like another vendor's needs
    their consent, unless ``agreed``. Raises ``Unauthorised`` for what cannot be a key."""
    if provider in KEY_PAGES:
        companion.tell(f"Keys of {provider} are made at {KEY_PAGES[provider]}")
    key = usable(provider, await companion.ask(f"Key for {provider}:", secret=True))
    owner = other_owner(provider, key)
    if owner and foreign:
        companion.tell(f"This looks like a key of {owner}, not of {provider}.")
        if not agreed and not await agrees(companion, "Keep it all the same?"):
            raise Unauthorised(GIVEN_UP)
    return KeptKey(key=key)
