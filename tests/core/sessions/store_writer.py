"""A process that writes turns to a store until it is killed, and prints what was acknowledged.

``python store_writer.py FILE SESSION``: each line is the text of an entry, printed after its
commit returned.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

from ion_core.ids import CallId, SessionId
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user
from ion_core.sessions.base import Append, OpenEffect, SettleEffect, Write
from ion_core.sessions.sqlite import SqliteStore


def turn(number: int) -> list[list[Write]]:
    """The commits of one turn: a prompt, an answer with its intent, a result with its settling."""
    call = CallId(f"c{number}")
    wish = ToolCall(id=call, name="bash", arguments={"command": "true"})
    answer = Message(role="assistant", parts=(Text(text=f"answer {number}"), wish))
    result = ToolResult(call=call, name="bash", status="ok", content=f"result {number}")
    return [
        [Append(body=user(f"prompt {number}"))],
        [Append(body=answer), OpenEffect(call=call, tool="bash", recovery="never")],
        [Append(body=answered(result)), SettleEffect(call=call)],
    ]


async def main(file: str, session: str) -> None:
    store = await SqliteStore.open(Path(file))
    for number in itertools.count():
        for writes in turn(number):
            (entry,) = await store.commit(SessionId(session), *writes)
            print(entry.id, flush=True)


asyncio.run(main(*sys.argv[1:]))
