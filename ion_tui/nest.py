"""Which sessions are agents of which: what bridges heard of their sessions' children, and what the
store tells of those of earlier days.
"""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.underway import Child
from ion_core.view import SessionView
from ion_tui.widgets.tree_rows import SessionItem


class Nest:
    """Remembers the agents of each session for as long as the app runs."""

    def __init__(self) -> None:
        self._children: dict[str, dict[str, Child]] = {}
        self._kept: dict[str, SessionItem] = {}

    def listed(self, items: Sequence[SessionItem]) -> None:
        """What the store has now."""
        self._kept = {item.id: item for item in items if item.kind == "subagent"}

    def learn(self, view: SessionView) -> None:
        """What a session knows of its agents now."""
        if view.children:
            known = self._children.setdefault(view.session, {})
            known.update({str(id_): child for id_, child in view.children.items()})

    def started_by(self, session: str, call: str) -> str:
        """The agent that a call of a session started last, empty when none was."""
        known = self._children.get(session, {}).values()
        return next((str(c.id) for c in reversed(list(known)) if c.begun.call == call), "")

    def parent_of(self, session: str) -> str:
        """The session that started this one, empty when none did."""
        for parent, children in self._children.items():
            if session in children:
                return parent
        kept = self._kept.get(session)
        return kept.parent if kept is not None else ""

    def kept(self, session: str) -> Sequence[SessionItem]:
        """Its agents of which nothing was heard since the app began, oldest first."""
        parent = self.parent_of(session) or session
        heard = self._children.get(parent, {})
        mine = (item for item in self._kept.values() if item.parent == parent)
        return sorted((item for item in mine if item.id not in heard), key=lambda item: item.id)

    def ids(self, session: str) -> list[str]:
        """All of its agents, oldest first."""
        earlier = [item.id for item in self.kept(session)]
        return earlier + [str(child.id) for child in self.family(session)]

    def family(self, session: str) -> Sequence[Child]:
        """The agents of a session, or of the session that it is an agent of, oldest first."""
        parent = self.parent_of(session) or session
        return sorted(self._children.get(parent, {}).values(), key=lambda child: child.at)

    def working(self, session: str) -> int:
        """How many of its agents work now."""
        children = self._children.get(session, {}).values()
        return sum(child.ended is None for child in children)
