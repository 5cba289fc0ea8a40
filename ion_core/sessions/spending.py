"""What was paid for, read from the rows that every request leaves.

A row outlives its session's deletion; a session that is gone altogether has no project any more.
"""

from __future__ import annotations

import sqlite3

from msgspec import Struct

from ion_core.ids import SessionId
from ion_core.usage import Usage

_SUMS = """SELECT u.session_id, coalesce(s.title, s.preview, ''), coalesce(s.project_id, ''),
  coalesce(s.cwd, ''), u.provider, u.model, u.purpose, count(*),
  sum(coalesce(u.tok_in, 0)), sum(coalesce(u.tok_out, 0)), sum(coalesce(u.tok_cache_r, 0)),
  sum(coalesce(u.tok_cache_w, 0)), sum(u.tok_reason),
  sum(coalesce(u.cost_nano, 0)), sum(u.cost_nano IS NULL)
FROM usage_event u LEFT JOIN session s ON s.id = u.session_id
WHERE u.ts_ms >= ? GROUP BY u.session_id, u.provider, u.model, u.purpose
ORDER BY max(u.id) DESC"""


class Spent(Struct, frozen=True, kw_only=True):
    """What one session paid to one model (``provider/model``) for one purpose.

    ``cost_nano`` sums the known costs; ``unpriced`` of the ``requests`` have none. The project is
    empty when the session is gone.
    """

    session: SessionId
    title: str
    project: str
    cwd: str
    model: str
    purpose: str
    requests: int
    usage: Usage
    cost_nano: int
    unpriced: int


def spending(db: sqlite3.Connection, since: float) -> list[Spent]:
    """The sums since a time (seconds since the epoch), the latest first."""
    return [_spent(*row) for row in db.execute(_SUMS, (round(since * 1000),))]


def _spent(
    session: str,
    title: str,
    project: str,
    cwd: str,
    provider: str,
    model: str,
    purpose: str,
    requests: int,
    *sums: int,
) -> Spent:
    read_in, out, cache_read, cache_write, reasoning, cost_nano, unpriced = sums
    return Spent(
        session=SessionId(session),
        title=title,
        project=project,
        cwd=cwd,
        model=f"{provider}/{model}" if provider else model,
        purpose=purpose,
        requests=requests,
        usage=Usage(
            input=read_in,
            output=out,
            cache_read=cache_read,
            cache_write=cache_write,
            reasoning=reasoning,
        ),
        cost_nano=cost_nano,
        unpriced=unpriced,
    )
