"""What a server may ask of ion: the folders of the session, and the person, while a tool runs.

A question belongs to the call that is running; one that comes when nothing runs, or where nobody
can be asked, is declined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ion_core.messages import Message, Text
from ion_core.sanitize import sanitize
from ion_core.tools.base import Ask, ToolContext

MOST_OUTPUT = 4_096
"""Tokens of an answer, where a server does not say."""


class Answering:
    """Of one server, ``name``. ``folders`` are what the session works in; ``note`` keeps its words
    to people; ``samples``: it may ask the session's model."""

    def __init__(
        self,
        name: str,
        folders: Sequence[Path],
        note: Callable[[str], None],
        *,
        interactive: bool = False,
        samples: bool = False,
    ) -> None:
        self._name, self._folders, self._note = name, tuple(folders), note
        self.can_ask, self.can_sample = interactive, samples
        self._running: list[ToolContext] = []

    def visit(self, folders: Sequence[Path]) -> bool:
        """Somebody works in these folders, too; whether one is new."""
        new = [folder for folder in folders if folder not in self._folders]
        self._folders = (*self._folders, *new)
        return bool(new)

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

        running = self._running[-1] if self._running else None
        if running is None:
            return types.ElicitResult(action="decline")
        told = forms.told(self._name, params)
        found = await self._heard(running, "Elicitation", told)
        if found is None:
            found = await self._asked_person(running.ask, params)
        told = {"mcp_server_name": self._name, "action": found.action, "content": found.content}
        return await self._heard(running, "ElicitationResult", told) or found

    async def _heard(self, running: ToolContext, event: str, told: dict[str, Any]) -> Any:
        """What hooks answer in the person's place, or make of their answer; None: nothing."""
        from mcp import types

        if running.hear is None:
            return None
        verdict = await running.hear(event, self._name, "", **told)
        action, content = verdict.said.get("action"), verdict.said.get("content")
        if verdict.decision == "deny":
            action, content = "decline", None
        if action not in ("accept", "decline", "cancel"):
            return None
        return types.ElicitResult(
            action=action, content=content if isinstance(content, dict) else None
        )

    async def _asked_person(self, ask: Ask | None, params: Any) -> Any:
        from mcp import types

        from ion_core.mcp import forms

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

        ask = self._running[-1].ask_model if self._running else None
        if ask is None or not self.can_sample:
            return types.ErrorData(code=-1, message="Sampling is not allowed here.")
        try:
            text, model = await ask(
                params.system_prompt or "", _asked(params), int(params.max_tokens or MOST_OUTPUT)
            )
        except Exception as error:  # a model that does not answer is the server's to know
            return types.ErrorData(code=types.INTERNAL_ERROR, message=str(error))
        self._note(f"(ion) {model} was asked and said {len(text)} characters")
        content = types.TextContent(type="text", text=text)
        return types.CreateMessageResult(
            role="assistant", content=content, model=model, stop_reason="endTurn"
        )


def _asked(params: Any) -> list[Message]:
    said: list[Message] = []
    for message in params.messages:
        parts = message.content if isinstance(message.content, list) else [message.content]
        text = "\n".join(part.text for part in parts if part.type == "text")
        said.append(Message(role=message.role, parts=(Text(text=text),)))
    return said
