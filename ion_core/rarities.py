"""The rare tools of ion, each loaded when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ion_core.policy.permission import Permission
from ion_core.sessions.base import SessionStore
from ion_core.tools.base import Tool
from ion_core.tools.deferred import Deferred

if TYPE_CHECKING:
    import ssl

    from ion_core.tools.skill import Skills
    from ion_core.tools.web import Web
    from ion_core.tools.web_search import Engine


class Rarities:
    """``engine`` says who searches the web; ``permission`` where it may be read."""

    def __init__(
        self,
        store: SessionStore,
        permission: Permission,
        engine: Callable[[], Engine],
        skills: Callable[[], Skills],
    ) -> None:
        self._store, self._permission, self._engine = store, permission, engine
        self._skills = skills

    @property
    def tools(self) -> tuple[Tool, ...]:
        """All of them, in the order in which a model is told their names."""
        return (
            Deferred("web_fetch", self._web_fetch),
            Deferred("web_search", self._web_search),
            Deferred("ask", self._ask),
            Deferred("exit_plan", self._exit_plan),
            Deferred("job", self._job),
            Deferred("recall", self._recall),
            Deferred("note", self._note),
            Deferred("compact", self._compact),
            Deferred("skill", self._skill),
            Deferred("task_control", self._task_control),
        )

    def _web_fetch(self) -> Tool:
        from ion_core.tools.web_fetch import WebFetch

        return WebFetch(self._web())

    def _web_search(self) -> Tool:
        from ion_core.tools.web_search import WebSearch

        return WebSearch(self._web(), self._engine)

    def _web(self) -> Web:
        from ion_core.tools.web import Web

        return Web(self._permission.destination, _tls, self._permission.covers)

    def _ask(self) -> Tool:
        from ion_core.tools.ask import Ask

        return Ask()

    def _exit_plan(self) -> Tool:
        from ion_core.tools.exit_plan import ExitPlan

        return ExitPlan()

    def _job(self) -> Tool:
        from ion_core.tools.job import JobTool

        return JobTool()

    def _recall(self) -> Tool:
        from ion_core.sessions.past import Past
        from ion_core.tools.recall import Recall

        return Recall(Past(self._store))

    def _note(self) -> Tool:
        from ion_core.tools.note import Note

        return Note()

    def _skill(self) -> Tool:
        from ion_core.tools.skill import SkillTool

        return SkillTool(self._skills())

    def _task_control(self) -> Tool:
        from ion_core.tools.task import TaskControl

        return TaskControl()

    def _compact(self) -> Tool:
        from ion_core.tools.compact import Compact

        return Compact()


def _tls() -> ssl.SSLContext:
    """What https is verified against."""
    from ion_core.providers.transport import tls_context

    return tls_context()
