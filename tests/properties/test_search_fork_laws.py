"""However a session is forked, each message is found once, and none is lost from sight."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from ion_core.ids import SessionId
from ion_core.messages import user
from ion_core.sessions.base import Append, Change
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info, ticking

STEPS = st.lists(
    st.tuples(st.sampled_from(("say", "fork", "delete", "restore")), st.integers(0, 30)),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_what_is_in_any_session_is_found_once(steps: list[tuple[str, int]]) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[tuple[str, int]]) -> None:
    store = await SqliteStore.memory(clock=ticking())
    info = an_info()
    await store.create(info, [Append(body=user("needle 0"))])
    sessions, gone, said = [info.id], set[SessionId](), 1
    for what, number in steps:
        session = sessions[number % len(sessions)]
        path = await store.path(session)
        match what:
            case "say":
                await store.commit(session, Append(body=user(f"needle {said}")))
                said += 1
            case "fork":
                at = path[number % len(path)].id
                sessions.append((await store.fork(session, at)).id)
            case _:
                await store.commit(session, Change(deleted=what == "delete"))
                (gone.add if what == "delete" else gone.discard)(session)
    wanted: dict[str, SessionId] = {}
    for session in sessions:
        if session not in gone:
            for entry in await store.path(session):
                text = getattr(entry.body, "text", "")
                kind = (await store.info(session)).kind
                if text not in wanted or kind == "main":
                    wanted[text] = session
    for query in ("needle", "needle after:2020", "after:2020"):
        hits = await store.search(query, limit=1_000)
        found = {hit.snippet.replace("«", "").replace("»", ""): hit.session for hit in hits}
        assert len(hits) == len(found)
        assert found == wanted
    await store.aclose()
