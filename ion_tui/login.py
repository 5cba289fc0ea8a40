"""Getting an answer from a provider for the first time: log in, choose a model, try it.

What fails is told with what can be done about it, and that is then done from here. Nothing is kept
as the default before the model has answered, unless the person wants it all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ion_core.errors import IonError, Unauthorised
from ion_core.providers.base import ModelInfo
from ion_tui import choosing, models
from ion_tui.beside import beside
from ion_tui.offer import Fixed
from ion_tui.phrases import one_line
from ion_tui.vendors import SERVERS, account_rows, name
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.accounts import Account
    from ion_core.providers.auth.companion import Way
    from ion_tui.screens.main import MainScreen

Step: TypeAlias = Literal["", "login", "models", "try", "keep"]

WAYS: dict[Way, tuple[str, str]] = {
    "browser": ("Log in with the browser", "here, or by pasting the address that it ends at"),
    "device": ("Log in with a code", "typed into a browser on any machine"),
    "key": ("Paste a key", "kept in the keyring, or in a file only you can read"),
}
AGAIN = Choice(value="try", name="Try again")
OTHER_MODEL = Choice(value="models", name="Choose another model")
OTHER_KEY = Choice(value="login", name="Log in again", detail="with another key or account")
KEEP = Choice(value="keep", name="Use it all the same")


async def log_in(screen: MainScreen) -> None:
    """Choose a provider and connect to it; a model of it answers in this session."""
    runtime = await screen.ion.runtime()
    rows = account_rows(runtime.accounts.all())
    choice = await choosing.pick(screen, Fixed("Log in to a provider", rows))
    if choice is not None:
        await Connection(screen, choice.value).make("login")


class Connection:
    """The way to an answer of one provider. ``lasting``: its model becomes the default."""

    def __init__(self, screen: MainScreen, provider: str, *, lasting: bool = False) -> None:
        self._screen, self._provider, self._lasting = screen, provider, lasting
        self._name = name(provider)
        self._ref = ""
        self._failure: IonError | None = None

    async def make(self, step: Step) -> None:
        """Go from ``step`` to the end, or to where the person gives up."""
        while step:
            match step:
                case "login":
                    step = await self._log_in()
                case "models":
                    step = await self._choose()
                case "try":
                    step = await self._try()
                case "keep":
                    step = await self._keep()

    async def _log_in(self) -> Step:
        runtime = await self._screen.ion.runtime()
        account = runtime.accounts.account(self._provider)
        way = await self._way(account)
        if way is None:
            return ""
        try:
            done = await beside(
                self._screen,
                f"Log in to {self._name}",
                lambda companion: runtime.accounts.log_in(self._provider, way, companion),
            )
        except IonError as error:
            return await self._amend(error, "login")
        return "models" if done else ""

    async def _way(self, account: Account) -> Way | None:
        if len(account.ways) < 2:
            return next(iter(account.ways), None)
        rows = [Choice(value=way, name=WAYS[way][0], detail=WAYS[way][1]) for way in account.ways]
        choice = await choosing.pick(self._screen, Fixed(f"Log in to {self._name}", rows))
        return choice.value if choice else None

    async def _choose(self) -> Step:
        runtime = await self._screen.ion.runtime()
        found: list[ModelInfo] = []

        async def ask(_: object) -> None:
            found.extend(await runtime.models_at(self._provider))

        try:
            if not await beside(self._screen, f"Asking {self._name} for its models", ask):
                return ""
        except IonError as error:
            return await self._amend(error, "models")
        self._ref, lasting = await models.choose(self._screen, found, within=self._provider)
        self._lasting = self._lasting or lasting
        return "try" if self._ref else ""

    async def _try(self) -> Step:
        runtime = await self._screen.ion.runtime()
        try:
            done = await beside(
                self._screen,
                f"Asking {self._ref} for a first word",
                lambda _: runtime.try_model(self._ref),
            )
        except IonError as error:
            return await self._amend(error, "try")
        return "keep" if done else ""

    async def _amend(self, error: IonError, step: Step) -> Step:
        """What the person wants to do about a failure."""
        rows = [AGAIN if step == "try" else Choice(value=step, name="Try again")]
        if self._provider not in SERVERS:
            rows = [OTHER_KEY, *rows] if isinstance(error, Unauthorised) else [*rows, OTHER_KEY]
        if step == "try":
            rows += [OTHER_MODEL, KEEP]
        rows = list({row.value: row for row in rows}.values())
        choice = await choosing.pick(
            self._screen, Fixed("That did not work", rows, note=one_line(str(error)))
        )
        return choice.value if choice else ""

    async def _keep(self) -> Step:
        models.set_model(self._screen, self._ref)
        if self._lasting:
            runtime = await self._screen.ion.runtime()
            await runtime.set_default_model(self._ref)
            self._screen.say(f"{self._ref} answers, now and in every new session.")
        else:
            self._screen.say(f"{self._ref} answers in this session.")
        return ""
