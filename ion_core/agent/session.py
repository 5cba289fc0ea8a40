"""A session: the whole interface that the app, headless runs and other front doors see.

Only a session changes a session. It commits first and tells afterwards; whoever awaited a method
knows that what it says is durable.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from ion_core.agent import loop
from ion_core.agent.allowance import Allowance
from ion_core.agent.answering import Answering
from ion_core.agent.attended import Attended
from ion_core.agent.cast import Cast
from ion_core.agent.compacting import Compacting
from ion_core.agent.dispatch import Dispatch
from ion_core.agent.drafting import Drafting
from ion_core.agent.gauge import Gauge
from ion_core.agent.in_time import in_time
from ion_core.agent.inbox import Inbox
from ion_core.agent.jobs import JobReports
from ion_core.agent.journal import Journal
from ion_core.agent.models import Choice
from ion_core.agent.modes import change_mode
from ion_core.agent.opening import Opening
from ion_core.agent.person import Person
from ion_core.agent.rooms import Rooms
from ion_core.agent.step import StepFailed, kind_of
from ion_core.agent.summaries import Summaries
from ion_core.agent.tenure import Tenure
from ion_core.agent.turn import SessionTurn
from ion_core.agent.unhooked import hooking
from ion_core.agent.unseen import unseen
from ion_core.agent.work import Work
from ion_core.bus import Subscription
from ion_core.context.mode_note import planning
from ion_core.entries import Mode, ModeChange
from ion_core.errors import BadRequest, IonError, NotAsked, SessionClosed
from ion_core.events import Notice, SessionChanged, TurnReason
from ion_core.ids import CallId, SessionId
from ion_core.messages import Image, Message, Text
from ion_core.sessions.base import Append, Change, Remember
from ion_core.view import SessionView


class Session(Attended):
    """One conversation. ``cwd`` is the folder that it works in."""

    def __init__(
        self,
        journal: Journal,
        inbox: Inbox,
        dispatch: Dispatch,
        person: Person,
        rooms: Rooms,
        cwd: Path,
    ) -> None:
        self._journal, self._inbox, self._dispatch, self._rooms = journal, inbox, dispatch, rooms
        self._person, self.cwd = person, cwd
        self._gauge = Gauge(rooms.tokens)
        self._allowance = Allowance(journal, rooms.bounds)
        self._answering = Answering(journal, rooms.resolve)
        self._waiting: Message | None = None
        self._work = Work(journal, inbox, rooms.spawn, self._run)
        self.jobs = dispatch.jobs
        self.jobs.reports = JobReports(journal, inbox, self._work, present=person.present)
        rules = rooms.compaction
        self._summaries = Summaries(journal, rules, rooms.resolve, rooms.small, cwd)
        self._compacting = Compacting(journal, rules, self._summaries)
        self.hooking = hooking(rooms, journal, cwd)
        dispatch.hooking = self.hooking
        self.hooking.ask_model = self._ask_aside
        self._compacting.before = self.hooking.before_compaction
        self._compacting.after = self.hooking.compacted
        dispatch.compact = self._compacting.wish
        grounds = rooms.grounds(cwd, not journal.locked)
        lists = rooms.catalogues(cwd, not journal.locked)
        expand = rooms.expand(cwd, not journal.locked)
        parts = lists, expand, self.hooking, rooms.resource
        self._opening = Opening(journal, grounds, dispatch, cwd, *parts)
        inbox.opening = self._opening
        dispatch.reached = self._opening.touch
        self._tenure = Tenure(
            journal, inbox, rooms.store, self._work, self.jobs, rooms.spawn, watches=person.present
        )
        self._closed = False
        dispatch.spawner = lambda: self.agents
        dispatch.ask_model = self._ask_aside

    @property
    def id(self) -> SessionId:
        return self._journal.session

    @property
    def view(self) -> SessionView:
        """The live view; read it, never change it."""
        return self._journal.bus.view

    def subscribe(self, *, lossless: bool = False) -> tuple[SessionView, Subscription]:
        """A copy of the view, and every event after it."""
        return self._journal.bus.subscribe(lossless=lossless)

    def snapshot(self) -> SessionView:
        """A copy of the view."""
        return self.view.snapshot()

    @property
    def in_trash(self) -> bool:
        """Whether it was deleted, and not yet for good."""
        return self._journal.info.deleted_at is not None

    def bring(self, text: str) -> None:
        """See ``Opening.bring``."""
        self._opening.bring(text)

    async def submit(self, text: str, images: Sequence[Image] = ()) -> None:
        """Say something, and show pictures. Idle: the prompt is durable and the turn has begun when
        this returns. Busy: the same as :meth:`steer`, and ``BadRequest`` for pictures. Raises
        ``StoreError`` with nothing changed."""
        if self.busy and images:
            raise BadRequest("A picture can be sent when the running turn is over.")
        if self.busy:
            await self.steer(text)
            return
        self._check_open()
        await self._decline()
        prompt = Message(role="user", parts=(Text(text=text), *images))
        said = Append(body=prompt), *await self._opening.behind(text)
        await self._journal.record(*said, Remember(text=text), *self._mode_news())
        await self._opening.tell()
        self._work.start()

    async def resume(self, approved: Sequence[CallId] | None = None) -> None:
        """Go on with a turn that ended as ``approval_required``: run the calls that wait, those in
        ``approved`` (None: all of them) without asking again. Raises ``NotAsked``."""
        self._check_open()
        waiting = {call.id: call for call in self.waiting}
        wanted = list(waiting) if approved is None else list(approved)
        if not waiting:
            raise NotAsked("No call of this session waits for an approval.")
        if unknown := [call for call in wanted if call not in waiting]:
            listed = ", ".join(f"{call.id} ({call.name})" for call in waiting.values())
            raise NotAsked(f"{unknown[0]} does not wait for an approval. Waiting: {listed}")
        self._person.allow(wanted)
        self._waiting = Message(role="assistant", parts=tuple(waiting.values()))
        self._work.start()

    async def steer(self, text: str) -> None:
        """Say something before the next step of the running turn."""
        await self._wait("steer", text)

    async def follow_up(self, text: str) -> None:
        """Say something when the running turn is over; now, when none runs."""
        if self.busy:
            await self._wait("follow_up", text)
        else:
            await self.submit(text)

    async def take_back(self) -> str | None:
        """The newest waiting message, no longer waiting; None when nothing waits."""
        return await self._inbox.take_back()

    async def cancel(self) -> None:
        """Stop the running turn; it is closed when this returns. Idle: nothing happens.

        Asked again, it only waits: what is being cleaned up is not disturbed.
        """
        await self._work.cancel()

    @property
    def reading_along(self) -> str:
        """Who else writes this session, or why nobody here can, as a sentence; empty while it is
        written here. Whatever would change it raises ``SessionBusy`` until it is
        :meth:`take_over`-n, or left there."""
        return self._journal.along

    @property
    def can_take_over(self) -> bool:
        """Whether a session that is read along could be written here instead."""
        return self._tenure.can_take_over

    async def take_over(self) -> None:
        """Write this session here from now on; the other one stops. Raises ``StoreError``."""
        await self._tenure.take_over()

    async def idle(self) -> None:
        """Wait until nothing runs."""
        await self._work.idle()

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def busy(self) -> bool:
        return self._work.busy

    async def prepare(self) -> None:
        """Find the model that will answer and say so, before anybody asks it anything. For the
        embedded one this starts its server. Raises like ``Resolve``."""
        await self._answering.prepare()

    async def set_model(self, ref: str) -> None:
        """Answer with another model from the next turn on. Raises like ``Resolve``."""
        old = self.view.model
        await self.hooking.switching(old, ref)
        await self._answering.choose(ref)
        await self.hooking.switched(old, self.view.model)

    async def set_mode(self, mode: Mode) -> None:
        """Work in another mode from the next call on. Raises like ``change_mode``."""
        await change_mode(self._journal, mode)

    async def rename(self, title: str) -> None:
        """Give the session a title that nothing automatic overwrites."""
        await self._journal.change(Change(title=title, title_source="user"))
        await self._journal.emit(SessionChanged(title=title))

    async def aclose(self) -> None:
        """End the jobs, cancel what runs and end every subscription."""
        if not self._closed:
            self._closed = True
            await self.jobs.aclose()
            await self.cancel()
            await self._end_agents()
            await self.hooking.end()
            await self._tenure.aclose()
            self._journal.bus.close()

    async def _settle(self) -> None:
        await self.cancel()
        self._check_open()

    def _mode_news(self) -> tuple[Append, ...]:
        """PLAN, or its end, where the path does not say so: a new session, or another branch."""
        mode = self.view.mode
        is_said = planning(self.view.entries) is (mode == "plan")
        return () if is_said else (Append(body=ModeChange(mode=mode)),)

    def _check_open(self) -> None:
        if self._closed:
            raise SessionClosed("This session is closed. Open it again to go on.")
        self._journal.check()

    async def _wait(self, kind: Literal["steer", "follow_up"], text: str) -> None:
        self._check_open()
        if not self.busy:
            await self._decline()
        await self._inbox.put(kind, text)
        if not self.busy:
            self._work.start()

    def _drafting(self, choice: Choice) -> Drafting:
        tools = partial(self._rooms.tools, choice.model.id)
        system = self._rooms.system(self.cwd, choice.model.id)
        return Drafting(self._journal, self._gauge, system, tools)

    async def _run(self) -> TurnReason:
        began = await self._answering.lend(self._opening.model)
        if news := unseen(self.view.entries, began.model):
            await self._journal.emit(Notice(level="warning", text=news))
        self._dispatch.guard.begin()
        budget = self._allowance.turn()
        self._fund(budget)
        turn = SessionTurn(
            self._journal,
            self._inbox,
            self._dispatch,
            Cast(began, self._rooms.stand_ins, self._rooms.resolve),
            budget,
            self._gauge,
            self._drafting(began),
            self._compacting,
        )
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            await turn.reopen(waiting.calls)
        try:
            return await in_time(budget, loop.run(turn, waiting), turn.tell)
        except (StepFailed, IonError) as error:
            await self.hooking.failed(kind_of(error), str(error))
            raise
        finally:
            self._watch_idle()
            if (chosen := self._answering.choice) is not None and chosen is not began:
                # Chosen while the turn went on: its steps have said another name since.
                await self._answering.tell(chosen)
