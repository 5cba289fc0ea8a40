"""What happened in the project of a folder, for the model's ``recall``, and in no other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ion_core.ids import EntryId
from ion_core.sessions.base import Hit, Passage, SessionStore
from ion_core.sessions.project import project_id


class Past:
    """The ``Archive`` of ``tools/recall.py`` on a store."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    async def search(self, query: str, folder: Path, limit: int) -> Sequence[Hit]:
        """The best entries; where there are none, results of tools that hold the words somewhere.
        Raises ``StoreError``."""
        project = project_id(folder)
        found = await self._store.search(query, project=project, limit=limit)
        return found or await self._store.comb(query, project=project, limit=limit)

    async def passage(self, entry: EntryId, folder: Path) -> Passage:
        """An entry and what is around it. Raises ``StoreError``."""
        return await self._store.passage(entry, project=project_id(folder))
