"""Which sessions on the desk are agents of which: what a bridge heard of its session's children."""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.underway import Child
from ion_core.view import SessionView


class Nest:
    """Remembers the agents of each session for as long as the app runs."""

    def __init__(self) -> None:
        self._children: dict[str, dict[str, Child]] = {}

    def learn(self, view: SessionView) -> None:
        """What a session knows of its agents now."""
        if view.children:
            known = self._children.setdefault(view.session, {})
            known.update({str(id_): child for id_, child in view.children.items()})

    def parent_of(self, session: str) -> str:
        """The session that started this one, empty when none did."""
        for parent, children in self._children.items():
            if session in children:
                return parent
        return ""

    def family(self, session: str) -> Sequence[Child]:
        """The agents of a session, or of the session that it is an agent of, oldest first."""
        parent = self.parent_of(session) or session
        return sorted(self._children.get(parent, {}).values(), key=lambda child: child.at)

    def working(self, session: str) -> int:
        """How many of its agents work now."""
        children = self._children.get(session, {}).values()
        return sum(child.ended is None for child in children)
