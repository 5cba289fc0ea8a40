"""The card that asks whether a call may run.

It shows the whole of what would run, why it is asked about, and the answers with their keys. An
answer that allows is taken only when all of it was on screen.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ion_core.asking import Decision, Proposal
from ion_core.events import ApprovalRequested
from ion_tui.intents import Decided
from ion_tui.keymap import Keymap
from ion_tui.phrases import one_line
from ion_tui.render.plainly import plainly
from ion_tui.widgets.draft import Draft

QUESTIONS = {
    "bash": "Run this command?",
    "read": "Read this file?",
    "list": "Look into this folder?",
    "glob": "Look for files here?",
    "grep": "Search this file or folder?",
    "web_fetch": "Fetch this page?",
}
SHOWN_SHARE, FULL_SHARE = 0.3, 0.7
"""Of the screen's rows, what the command may take before it scrolls."""


class PermissionCard(Vertical):
    """``keymap`` gives the keys as they are bound now; ``post`` takes a ``Decided``: whoever
    handles the key has to post it, since Textual stops a message at the parent that made it."""

    def __init__(self, keymap: Callable[[], Keymap], post: Callable[[Decided], object]) -> None:
        super().__init__(id="permission")
        self._keymap, self._post = keymap, post
        self._request: ApprovalRequested | None = None
        self._title, self._why = Static(id="permission-title"), Static(id="permission-why")
        self._body = VerticalScroll(Static(id="permission-text"), id="permission-body")
        self._body.can_focus = False
        self._choices = Static(id="permission-choices")
        self._draft: Draft | None = None
        self._full = self._seen = False

    def compose(self) -> ComposeResult:
        """Question, the thing itself, the reason, the answers."""
        yield self._title
        yield self._body
        yield self._why
        yield self._choices

    def show(self, request: ApprovalRequested, count: str) -> None:
        """Ask about this; ``count`` says which of how many it is."""
        if self._request is None or self._request.call != request.call:
            self._request, self._full, self._seen = request, False, False
            self._put_away()
            self._fill(request)
        self._entitle(request, count)

    def _entitle(self, request: ApprovalRequested, count: str) -> None:
        question = QUESTIONS.get(request.name, f"Use {one_line(request.name)}?")
        self._title.update(
            Content.assemble((question, "bold $ion-warning"), (f"  {count}", "$ion-muted"))
        )

    def _fill(self, request: ApprovalRequested) -> None:
        text, hidden = plainly(_thing(request))
        self.query_one("#permission-text", Static).update(Content(text))
        warnings = [*request.effects]
        if hidden:
            warnings.insert(0, f"{hidden} hidden character{'s' * (hidden != 1)}")
        lines = [Content.styled(one_line(request.reason), "$ion-muted")]
        if warnings:
            said = " · ".join(map(one_line, warnings))
            lines.append(Content.styled(f"! {said}", "$ion-warning"))
        self._why.update(Content("\n").join(lines))
        self._choices.update(self._answers(request))
        self._body.scroll_home(animate=False)
        self._measure()

    def _measure(self) -> None:
        share = FULL_SHARE if self._full else SHOWN_SHARE
        self._body.styles.max_height = max(3, int(self.app.size.height * share))

    def on_resize(self) -> None:
        """Leave room for the page above."""
        self._measure()

    def _answers(self, request: ApprovalRequested) -> Content:
        rows = [("card.once", "yes, once", "")]
        if request.proposal is not None:
            rule = one_line(request.proposal.pattern)
            rows.append(("card.session", "yes, and in this session  ", rule))
            rows.append(("card.always", "yes, and always  ", rule))
        if request.editable:
            rows.append(("card.edit", "edit the command first", ""))
        rows += [("card.deny", "no", ""), ("card.why", "no, and say why", "")]
        keymap = self._keymap()
        lines = [
            Content.assemble(
                (f"{keymap.hint(command, 'card'):>3}  ", "bold $ion-accent"),
                (label, "$ion-foreground"),
                (rule, "$ion-code"),
            )
            for command, label, rule in rows
        ]
        return Content("\n").join(lines)

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
            self._write("", "Why not? The model reads it.", self._deny)
        elif command == "card.full":
            self._full = not self._full
            self._measure()
        elif command in ("card.down", "card.up"):
            self._body.scroll_relative(y=3 if command == "card.down" else -3, animate=False)
        elif not self._was_seen():
            self._body.scroll_page_down(animate=False)
        else:
            self._allow(command, request)

    def _allow(self, command: str, request: ApprovalRequested) -> None:
        if command == "card.once":
            self._decide(Decision(verdict="once"))
        elif command == "card.edit" and request.editable:
            self._write(request.target, "The command that runs instead", self._run)
        elif request.proposal is not None and command == "card.session":
            self._decide(Decision(verdict="session", pattern=request.proposal.pattern))
        elif request.proposal is not None and command == "card.always":
            self._write(request.proposal.pattern, _rule_of(request.proposal), self._keep)

    def _was_seen(self) -> bool:
        """Whether the end of what would run was on screen; asked when somebody says yes."""
        body = self._body
        self._seen = self._seen or body.scroll_offset.y >= body.max_scroll_y
        return self._seen

    def _write(self, text: str, title: str, then: Callable[[str], None]) -> None:
        self._draft = Draft(text, title=title, done=then, left=self._put_away)
        self.mount(self._draft)
        self._draft.focus()

    def _put_away(self) -> None:
        if self._draft is not None:
            self._draft.remove()
            self._draft = None
            if self.parent is not None and self._request is not None:
                self.screen.query_one("#asking").focus()

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
        return str(request.arguments.get("command", request.target))
    more = [
        str(value)
        for name, value in request.arguments.items()
        if name not in ("path", "url") and isinstance(value, str)
    ]
    return "\n".join([request.target, *more])


def _rule_of(proposal: Proposal) -> str:
    return f"The rule that is kept for {proposal.tool}; * stands for anything"
