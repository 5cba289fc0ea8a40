"""The card with a model's questions: one after another, options to choose from, and free words.

The keyboard moves a mark; digits choose at once. The last row is always for words of one's own.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ion_core.asking import Answer
from ion_core.events import QuestionAsked
from ion_tui.intents import Answered
from ion_tui.keymap import Keymap
from ion_tui.widgets.draft import Draft
from ion_tui.widgets.hanging import joined
from ion_tui.widgets.question_rows import Filling, asked, option_rows, tabs


class QuestionCard(Vertical):
    """``keymap`` gives the keys as they are bound now, ``leave`` takes the keyboard back from a
    draft, and ``post`` takes an ``Answered``: whoever handles the key has to post it, since Textual
    stops a message at the parent that made it."""

    context = "questions"

    def __init__(
        self,
        keymap: Callable[[], Keymap],
        post: Callable[[Answered], object],
        leave: Callable[[], object],
    ) -> None:
        super().__init__(id="questions")
        self._keymap, self._post, self._leave = keymap, post, leave
        self._asked: QuestionAsked | None = None
        self._forms: list[Filling] = []
        self._now = 0
        self._note = ""
        self._tabs, self._keys = Static(id="questions-tabs"), Static(id="questions-keys")
        self._page = Static(id="questions-page")
        self._body = VerticalScroll(self._page, id="questions-body")
        self._body.can_focus = False
        self._draft: Draft | None = None

    def compose(self) -> ComposeResult:
        """Which question, the question with its options, the keys."""
        yield self._tabs
        yield self._body
        yield self._keys

    def show(self, asked: QuestionAsked, note: str) -> None:
        """Ask this; ``note`` stands in the last row."""
        self._note = note
        if self._asked != asked:
            self.put_away()
            self._asked, self._now = asked, 0
            self._forms = [Filling(question=question) for question in asked.questions]

    @property
    def drafting(self) -> bool:
        """Whether words are being written."""
        return self._draft is not None

    @property
    def _form(self) -> Filling:
        return self._forms[self._now]

    def fit(self, room: int) -> None:
        """Take this many rows at most; the marked row is on screen."""
        if not self._forms or not self.display:
            return
        several = len(self._forms) > 1
        width = (self.size.width or self.app.size.width) - 1
        question, rows = asked(self._form, width), option_rows(self._form, width)
        needed = len(question) + 1 + sum(map(len, rows))
        draft = self._draft.rows if self._draft else 1
        low = room < needed + 2 * several + 1 + draft
        if self._draft is not None:
            self._draft.allow(room - several - 3 if low else room)
            draft = self._draft.rows
        most = room - several - draft - (0 if low else several + 1)
        self.set_class(low, "-low")
        self._tabs.display, self._keys.display = several, self._draft is None
        self._tabs.update(tabs(self._forms, self._now))
        self._keys.update(Content.styled(self._hints(self._form), "$ion-muted"))
        self._body.styles.max_height = max(1, most)
        self._page.update(joined([*question, Content(), *(line for row in rows for line in row)]))
        above = len(question) + 1 + sum(map(len, rows[: self._form.at]))
        self._show_rows(0 if not self._form.at else above, above + len(rows[self._form.at]))

    def _show_rows(self, first: int, last: int) -> None:
        """Scroll as little as possible until these rows are on screen, the last of them first."""
        top = self._body.scroll_offset.y
        height = int(self._body.styles.max_height.value) if self._body.styles.max_height else last
        top = max(min(top, first), last - height)
        self._body.scroll_to(y=top, animate=False, force=True)

    def _hints(self, form: Filling) -> str:
        hint = self._keymap().hint
        parts = [f"{hint('questions.choose', 'questions')} answers"]
        if form.question.several:
            parts.insert(0, f"{hint('questions.toggle', 'questions')} ticks")
        if len(self._forms) > 1:
            parts.append(f"{hint('questions.next', 'questions')} next question")
        parts.append(f"{hint('questions.decline', 'questions')} does not answer")
        return " · ".join([self._note, *parts] if self._note else parts)

    def obey(self, command: str) -> None:
        """Do what a key of the card means."""
        form = self._form
        rows = len(form.question.options) + 1
        if command == "questions.down":
            form.at = (form.at + 1) % rows
        elif command == "questions.up":
            form.at = (form.at - 1) % rows
        elif command in ("questions.next", "questions.previous"):
            step = 1 if command == "questions.next" else -1
            self._now = (self._now + step) % len(self._forms)
        elif command == "questions.decline":
            self._send(())
        elif command == "questions.toggle":
            self._toggle(form)
        elif command == "questions.choose":
            self._choose(form)
        elif (digit := int(command.rpartition(".")[2]) - 1) < rows:
            form.at = digit
            self._toggle(form) if form.question.several else self._choose(form)

    def _toggle(self, form: Filling) -> None:
        if form.at == len(form.question.options):
            self._write(form)
        elif not form.question.several:
            form.chosen = (form.at,)
        else:
            form.chosen = tuple({*form.chosen} ^ {form.at})

    def _choose(self, form: Filling) -> None:
        """Take the marked row for the answer and go on; what was ticked stays ticked."""
        if form.at == len(form.question.options):
            self._write(form)
            return
        if not form.question.several:
            form.chosen, form.text = (form.at,), ""
        elif not form.chosen:
            form.chosen = (form.at,)
        self._go_on()

    def _go_on(self) -> None:
        left = [index for index, form in enumerate(self._forms) if not form.given]
        if left:
            self._now = next((index for index in left if index > self._now), left[0])
        else:
            self._send(tuple(form.answer for form in self._forms))

    def _write(self, form: Filling) -> None:
        self._draft = Draft(form.text, title="Your answer", done=self._say, left=self._leave_draft)
        self.mount(self._draft)
        self._draft.focus()

    def _say(self, text: str) -> None:
        form = self._form
        form.text = text.strip()
        if form.text and not form.question.several:
            form.chosen = ()
        self._leave_draft()
        if form.text:
            self._go_on()

    def put_away(self) -> None:
        """What was being written is not wanted any more."""
        if self._draft is not None:
            self._draft.remove()
            self._draft = None

    def _leave_draft(self) -> None:
        self.put_away()
        self._leave()

    def _send(self, answers: tuple[Answer, ...]) -> None:
        if self._asked is not None:
            self._post(Answered(self._asked.call, answers))
