"""The card that asks whether a call may run.

It shows the whole of what would run, why it is asked about, and the answers with their keys. An
answer that allows is taken only when all of it was on screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ion_core.asking import Decision
from ion_core.events import ApprovalRequested
from ion_tui.intents import Decided
from ion_tui.keymap import Keymap
from ion_tui.phrases import one_line
from ion_tui.render.plainly import plainly
from ion_tui.widgets.answers import in_a_row, listed
from ion_tui.widgets.draft import Draft

QUESTIONS = {
    "bash": "Run this command?",
    "read": "Read this file?",
    "list": "Look into this folder?",
    "glob": "Look for files here?",
    "grep": "Search this file or folder?",
    "web_fetch": "Fetch this page?",
}
SIGNS = {"old_string": "-", "new_string": "+"}
SHARE = 0.35
"""Of the rows that the card may take, what the command takes before it scrolls; ``card.full`` gives
it all that there are."""
LEAST = 3
"""Rows of the command below which the card does without blank rows and a row for each answer."""


class PermissionCard(Vertical):
    """``keymap`` gives the keys as they are bound now, ``leave`` takes the keyboard back from a
    draft, and ``post`` takes a ``Decided``: whoever handles the key has to post it, since Textual
    stops a message at the parent that made it."""

    context = "card"

    def __init__(
        self,
        keymap: Callable[[], Keymap],
        post: Callable[[Decided], object],
        leave: Callable[[], object],
    ) -> None:
        super().__init__(id="permission")
        self._keymap, self._post, self._leave = keymap, post, leave
        self._request: ApprovalRequested | None = None
        self._text, self._reasons = Content(), Content()
        self._title, self._why = Static(id="permission-title"), Static(id="permission-why")
        self._what = Static(id="permission-text")
        self._body = VerticalScroll(self._what, id="permission-body")
        self._body.can_focus = False
        self._choices = Static(id="permission-choices")
        self._draft: Draft | None = None
        self._full = self._seen = False
        self._note = ""

    def compose(self) -> ComposeResult:
        """Question, the thing itself, the reason, the answers."""
        yield self._title
        yield self._body
        yield self._why
        yield self._choices

    def show(self, request: ApprovalRequested, note: str) -> None:
        """Ask about this; ``note`` stands behind the question."""
        self._note = note
        if self._request != request:
            self.put_away()
            self._request, self._full, self._seen = request, False, False
            self._fill(request)
            self._body.scroll_home(animate=False)

    def _fill(self, request: ApprovalRequested) -> None:
        text, hidden = plainly(_thing(request))
        warnings = [*request.effects]
        if hidden:
            warnings.insert(0, f"{hidden} hidden character{'s' * (hidden != 1)}")
        if where := request.arguments.get("cwd"):
            warnings.insert(0, f"in {where}")
        lines = [Content.styled(one_line(request.reason), "$ion-muted")]
        if warnings:
            said = " · ".join(map(one_line, warnings))
            lines.append(Content.styled(f"! {said}", "$ion-warning"))
        self._text, self._reasons = Content(text), Content("\n").join(lines)
        self._what.update(self._text)
        self._why.update(self._reasons)

    def fit(self, room: int) -> None:
        """Take this many rows at most, and say how much of the command is below."""
        request = self._request
        if request is None or not self.display:
            return
        width = self.size.width or self.app.size.width
        text = self._text.get_height({}, width - 1)
        answers = listed(request, self._keymap())
        others = 1 + self._reasons.get_height({}, width) + 2
        below = answers.get_height({}, width)
        low = room < others + min(LEAST, text) + (1 + self._draft.rows if self._draft else below)
        if low:
            answers = in_a_row(request, self._keymap(), width)
            others = 1 + len(self._reasons.split("\n"))
            below = answers.get_height({}, width)
        if self._draft is not None:
            self._draft.allow(room - others - 2 if low else room)
            below = self._draft.rows + (not low)
        self._arrange(room - others - below, room, low=low)
        self._write_once(self._choices, answers)
        self._write_once(self._title, self._head(request))

    def _arrange(self, most: int, room: int, *, low: bool) -> None:
        """The command gets ``most`` of the ``room`` rows, or its share of them."""
        self.set_class(low, "-low")
        self._choices.display = self._draft is None
        share = most if self._full else min(most, int(room * SHARE))
        self._body.styles.max_height = max(1, share if share >= LEAST else min(most, LEAST))

    def _write_once(self, row: Static, text: Content) -> None:
        if row.content != text:
            row.update(text)

    def _head(self, request: ApprovalRequested) -> Content:
        question = QUESTIONS.get(request.name, f"Use {one_line(request.name)}?")
        if request.agent:
            question = f"{one_line(request.agent)} asks: {question}"
        below = self._body.max_scroll_y - self._body.scroll_offset.y
        down, full = (self._keymap().hint(name, "card") for name in ("card.down", "card.full"))
        more = f"{down} {below} more row{'s' * (below != 1)}" if below > 0 else ""
        higher = f"{full} shows more" if below > 0 and not self._full else ""
        note = " · ".join(part for part in (self._note, more, higher) if part)
        return Content.assemble((question, "bold $ion-warning"), (f"  {note}", "$ion-muted"))

    @property
    def drafting(self) -> bool:
        """Whether a rule, a command or a reason is being written."""
        return self._draft is not None

    def obey(self, command: str) -> None:
        """Do what a key of the card means."""
        request = self._request
        if request is None:
            return
        if command == "card.deny":
            self._decide(Decision(verdict="denied"))
        elif command == "card.why":
            self._write("", "Why not? The model reads it", self._deny)
        elif command == "card.full":
            self._full = not self._full
        elif command in ("card.down", "card.up"):
            page = max(1, self._body.size.height - 1)
            self._body.scroll_relative(y=page if command == "card.down" else -page, animate=False)
        elif not self._was_seen():
            self._body.scroll_page_down(animate=False)
        else:
            self._allow(command, request)

    def _allow(self, command: str, request: ApprovalRequested) -> None:
        if command == "card.once":
            self._decide(Decision(verdict="once"))
        elif command == "card.edit" and request.editable:
            self._write(request.target, "What runs instead", self._run)
        elif request.proposal is not None and command == "card.session":
            self._decide(Decision(verdict="session", pattern=request.proposal.pattern))
        elif request.proposal is not None and command == "card.always":
            title = f"Rule for {one_line(request.proposal.tool)}, * is anything"
            self._write(request.proposal.pattern, title, self._keep)

    def _was_seen(self) -> bool:
        """Whether the end of what would run was on screen; asked when somebody says yes."""
        body = self._body
        self._seen = self._seen or body.scroll_offset.y >= body.max_scroll_y
        return self._seen

    def _write(self, text: str, title: str, then: Callable[[str], None]) -> None:
        self._draft = Draft(text, title=title, done=then, left=self._leave_draft)
        self.mount(self._draft)
        self._draft.focus()

    def put_away(self) -> None:
        """What was being written is not wanted any more."""
        if self._draft is not None:
            self._draft.remove()
            self._draft = None

    def _leave_draft(self) -> None:
        self.put_away()
        self._leave()

    def _deny(self, comment: str) -> None:
        self._decide(Decision(verdict="denied", comment=comment.strip()))

    def _run(self, command: str) -> None:
        if command.strip():
            self._decide(Decision(verdict="once", command=command))

    def _keep(self, pattern: str) -> None:
        if pattern.strip():
            self._decide(Decision(verdict="always", pattern=pattern.strip()))

    def _decide(self, decision: Decision) -> None:
        if self._request is not None:
            self._post(Decided(self._request.call, decision))


def _thing(request: ApprovalRequested) -> str:
    """What would happen, whole: the command, or the target and what would be written there."""
    if request.name == "bash":
        return request.target
    more = [
        line
        for name, value in request.arguments.items()
        if name not in ("path", "url")
        for line in _told(name, value)
    ]
    return "\n".join([request.target, *more])


def _told(name: str, value: object) -> Iterator[str]:
    """An argument as lines: what goes and what comes with its sign, lists and their fields one by
    one, numbers and switches by name."""
    if isinstance(value, dict):
        for field, held in value.items():
            yield from _told(str(field), held)
    elif isinstance(value, list):
        for held in value:
            yield from _told(name, held)
    elif not isinstance(value, str):
        yield f"{name}: {value}"
    elif (sign := SIGNS.get(name)) is not None:
        yield from (f"{sign} {line}" for line in value.split("\n"))
    else:
        yield value
