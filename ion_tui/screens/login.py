"""The sheet beside a person who logs in, or waits for a provider: what is told, a link with its
code, and a field when something is asked. Esc gives up.

What is typed as a secret is never drawn, and is forgotten with the field.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Static

from ion_tui.keymap import Keymap
from ion_tui.phrases import one_line
from ion_tui.screens.sheet import lay
from ion_tui.widgets.field import Field


class LoginSheet(ModalScreen[None]):
    """A companion (``ion_core.accounts``). ``open_link`` shows a link in a browser where there is
    one, ``copy`` puts text on the clipboard; ``give_up`` is called on Esc."""

    def __init__(
        self,
        title: str,
        *,
        keymap: Keymap,
        place: Callable[[], Region],
        copy: Callable[[str], None],
        open_link: Callable[[str], None],
    ) -> None:
        super().__init__(name="login")
        self.heading = one_line(title)
        self._keymap, self._place = keymap, place
        self._copy, self._open = copy, open_link
        self.give_up: Callable[[], object] = lambda: None
        self._told: list[Content] = []
        self._page: list[Content] = []
        self._link = self._code = ""
        self._answer: asyncio.Future[str] | None = None
        self._body, self._foot = Static(id="login-body"), Static(id="login-foot")
        self._row = Horizontal(id="login-row")
        self.field = Field(press=self._press, changed=lambda text: None)

    def compose(self) -> ComposeResult:
        """Heading, what is told, field, keys."""
        close = self._keymap.hint("list.close", "list")
        with Vertical(id="login-sheet"):
            with Horizontal(id="login-head"):
                yield Static(Content(f"  {self.heading}"), id="login-title")
                yield Static(Content(f"{close} gives up "), id="login-close")
            yield self._body
            with self._row:
                yield Static("❯", id="login-glyph")
                yield self.field
            yield self._foot

    def on_mount(self) -> None:
        """Show what was told before this was on screen."""
        self._show()
        self._settle()

    def on_resize(self) -> None:
        """Stay over the chat."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        lay(self, self.query_one("#login-sheet"), self._place())

    # Companion.

    def tell(self, text: str) -> None:
        """Show a sentence."""
        self._told.append(Content(one_line(text)))
        self._show()

    def show_link(self, url: str, code: str = "") -> None:
        """Show a link, and the code to enter there; open a browser where there is one."""
        self._link, self._code = one_line(url), one_line(code)
        if not self._told:
            what = "Enter the code below" if self._code else "Agree to it"
            self._told.append(Content(f"{what} on this page, in any browser:"))
        self._page = [Content(""), Content.styled(self._link, "$ion-accent")]
        if self._code:
            self._page.append(Content.assemble("Code  ", (self._code, "bold $ion-bright")))
        self._page.append(Content(""))
        self._told += self._page
        self._open(self._link)
        self._show()

    async def ask(self, question: str, *, secret: bool = False) -> str:
        """The person's answer, one question at a time; what was told before it is over then, but
        for the link. An empty answer is one where nothing has to be pasted."""
        self._told.append(Content(one_line(question)))
        self.field.password = secret
        self._answer = asyncio.get_running_loop().create_future()
        self._show()
        try:
            answer = await self._answer
            self._told = [*self._page]
            return answer
        finally:
            self._answer = None
            self.field.value = ""
            self._show()

    def _show(self) -> None:
        if not self.is_attached or not self._body.is_attached:
            return
        gap = bool(self._told) and not self._told[-1].plain  # below a link, for what follows it
        self._body.update(Content("\n").join(self._told[:-1] if gap else self._told))
        self._body.display = bool(self._told)
        self._foot.update(Content(f"  {self._hints()}"))
        self._foot.display = bool(self._link)
        self._row.display = self._answer is not None
        if self._answer is not None:
            self.field.focus()

    def _hints(self) -> str:
        keys = self._keymap
        code = f"   {keys.hint('login.copy_code', 'login')} copies the code" if self._code else ""
        return f"{keys.hint('login.copy_link', 'login')} copies the link{code}"

    # Keys.

    def on_key(self, event: Key) -> None:
        """Keys while nothing is asked."""
        if self._press(event.key):
            event.stop()

    def _press(self, key: str) -> bool:
        own = self._keymap.command("login", key) or ""
        command = own if own.startswith("login.") else self._keymap.command("list", key) or ""
        self.obey(command)
        return command.startswith(("login.", "list."))

    def obey(self, command: str) -> None:
        """Answer, copy or give up."""
        if command == "list.choose":
            self._reply()
        elif command == "list.close":
            self.give_up()
        elif command == "login.copy_link" and self._link:
            self._copy(self._link)
        elif command == "login.copy_code" and self._code:
            self._copy(self._code)

    def _reply(self) -> None:
        typed = self.field.value.strip()
        if not typed and (self.field.password or self._link):
            return
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(typed)
