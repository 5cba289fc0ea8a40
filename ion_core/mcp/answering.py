"""What a server may ask of ion: the folders of the session, and the person, while a tool runs.

A question belongs to the call that is running; one that comes when nothing runs, or where nobody
can be asked, is declined.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ion_core.errors import IonError
from ion_core.sanitize import sanitize
from ion_core.tools.base import ToolContext


class Sampling(Struct, frozen=True, kw_only=True):
    """What a server wants of a model; ``max_output`` is in tokens, 0 for whatever it takes."""

    system: str
    said: tuple[tuple[Literal["user", "assistant"], str], ...]
    max_output: int = 0


class Sampled(Struct, frozen=True, kw_only=True):
    """What a model, by its name, answered."""

    text: str
    model: str


Sampler: TypeAlias = Callable[[str, Sampling], Awaitable[Sampled]]
"""Asks a model for the server of that name. Raises ``IonError``."""


class Answering:
    """Of one server, ``name``. ``folders`` are what the session works in; ``note`` keeps its words
    to people; ``sampler`` lets it ask a model, None: it may not."""

    def __init__(
        self,
        name: str,
        folders: Sequence[Path],
        note: Callable[[str], None],
        *,
        interactive: bool = False,
        sampler: Sampler | None = None,
    ) -> None:
        self._name, self._folders, self._note = name, folders, note
        self.can_ask, self._sampler = interactive, sampler
        self._running: list[ToolContext] = []

    @property
    def can_sample(self) -> bool:
        return self._sampler is not None

    @contextmanager
    def during(self, ctx: ToolContext) -> Iterator[None]:
        """Inside, a tool runs for whoever ``ctx`` is of."""
        self._running.append(ctx)
        try:
            yield
        finally:
            self._running.remove(ctx)

    async def roots(self, context: Any) -> Any:
        """``roots/list``."""
        from mcp import types

        said = [{"uri": folder.as_uri(), "name": folder.name} for folder in self._folders]
        roots = [types.Root.model_validate(root) for root in said]
        return types.ListRootsResult(roots=roots)

    async def log(self, params: Any) -> None:
        """``notifications/message``."""
        self._note(f"[{params.level}] {params.data}")

    async def elicit(self, context: Any, params: Any) -> Any:
        """``elicitation/create``."""
        from mcp import types

        from ion_core.mcp import forms  # start-up: few servers ask anything

        ask = self._running[-1].ask if self._running else None
        if ask is None:
            return types.ElicitResult(action="decline")
        said = f"{self._name} asks: {sanitize(params.message)}"
        if params.mode == "url":
            answers = await ask([forms.address(said, params.url)])
            return types.ElicitResult(action="accept" if forms.agreed(answers) else "decline")
        schema = params.requested_schema
        answers = await ask(forms.questions(said, schema))
        if not answers:
            return types.ElicitResult(action="decline")
        return types.ElicitResult(action="accept", content=forms.content(schema, answers))

    async def sample(self, context: Any, params: Any) -> Any:
        """``sampling/createMessage``."""
        from mcp import types

        if self._sampler is None:
            return types.ErrorData(code=-1, message="Sampling is not allowed here.")
        try:
            said = await self._sampler(self._name, _asked(params))
        except IonError as error:
            return types.ErrorData(code=types.INTERNAL_ERROR, message=str(error))
        content = types.TextContent(type="text", text=said.text)
        return types.CreateMessageResult(
            role="assistant", content=content, model=said.model, stop_reason="endTurn"
        )


def _asked(params: Any) -> Sampling:
    said: list[tuple[Literal["user", "assistant"], str]] = []
    for message in params.messages:
        parts = message.content if isinstance(message.content, list) else [message.content]
        text = "\n".join(part.text for part in parts if part.type == "text")
        said.append((message.role, text))
    return Sampling(
        system=params.system_prompt or "",
        said=tuple(said),
        max_output=int(params.max_tokens or 0),
    )
