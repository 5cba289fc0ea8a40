"""The card with a model's questions: one after another, options to choose from, and free words.

The keyboard moves a mark; digits choose at once. The last row is always for words of one's own.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ion_core.asking import Answer, Question
from ion_core.events import QuestionAsked
from ion_tui.intents import Answered
from ion_tui.keymap import Keymap
from ion_tui.render.plainly import plainly
from ion_tui.widgets.draft import Draft

FREE = "in my own words"


class Filling(Struct):
    """How far one question was answered: ``at`` is the marked row, ``chosen`` the options."""

    question: Question
    at: int = 0
    chosen: tuple[int, ...] = ()
    text: str = ""

    @property
    def answer(self) -> Answer:
        labels = tuple(self.question.options[index].label for index in sorted(self.chosen))
        return Answer(chosen=labels, text=self.text)

    @property
    def given(self) -> bool:
        return bool(self.chosen or self.text)


class QuestionCard(Vertical):
    """``keymap`` gives the keys as they are bound now; ``post`` takes an ``Answered``: whoever
    handles the key has to post it, since Textual stops a message at the parent that made it."""

    def __init__(self, keymap: Callable[[], Keymap], post: Callable[[Answered], object]) -> None:
        super().__init__(id="questions")
        self._keymap, self._post = keymap, post
        self._asked: QuestionAsked | None = None
        self._forms: list[Filling] = []
        self._now = 0
        self._tabs, self._question = Static(id="questions-tabs"), Static(id="questions-text")
        self._options, self._keys = Static(id="questions-options"), Static(id="questions-keys")
        self._draft: Draft | None = None

    def compose(self) -> ComposeResult:
        """Which question, the question, its options, the keys."""
        yield self._tabs
        yield self._question
        yield self._options
        yield self._keys

    def show(self, asked: QuestionAsked, count: str) -> None:
        """Ask this; ``count`` says which of how many calls asks."""
        if self._asked is None or self._asked.call != asked.call:
            self._asked, self._now = asked, 0
            self._forms = [Filling(question=question) for question in asked.questions]
            self._put_away()
        self._count = count
        self._paint()

    @property
    def drafting(self) -> bool:
        """Whether words are being written."""
        return self._draft is not None

    @property
    def _form(self) -> Filling:
        return self._forms[self._now]

    def _paint(self) -> None:
        form = self._form
        several = len(self._forms) > 1
        self._tabs.display = several or bool(self._count)
        self._tabs.update(Content("   ").join([*map(self._tab, range(len(self._forms)))]))
        self._question.update(
            Content.styled(plainly(form.question.question).text, "bold $ion-warning")
        )
        rows = [self._row(form, index) for index in range(len(form.question.options) + 1)]
        self._options.update(Content("\n").join(rows))
        self._keys.update(Content.styled(self._hints(form), "$ion-faint"))

    def _tab(self, index: int) -> Content:
        form = self._forms[index]
        name = plainly(form.question.header or f"Question {index + 1}").text
        mark = "✓ " if form.given else ""
        now = index == self._now
        return Content.styled(f"{mark}{name}", "bold $ion-accent" if now else "$ion-muted")

    def _row(self, form: Filling, index: int) -> Content:
        marked, options = index == form.at, form.question.options
        glyph = ("❯ " if marked else "  ", "$ion-accent")
        if index == len(options):
            text = f": {plainly(form.text).text}" if form.text else " …"
            return Content.assemble(
                glyph, (f"{index + 1}  {FREE}{text}", "$ion-bright" if marked else "$ion-muted")
            )
        option = options[index]
        box = ("☑ " if index in form.chosen else "☐ ") if form.question.several else ""
        ticked = "✓ " if index in form.chosen and not form.question.several else ""
        return Content.assemble(
            glyph,
            (f"{index + 1}  {box}{ticked}", "$ion-muted"),
            (plainly(option.label).text, "bold $ion-bright" if marked else "$ion-foreground"),
            (f"  {plainly(option.about).text}" if option.about else "", "$ion-muted"),
        )

    def _hints(self, form: Filling) -> str:
        hint = self._keymap().hint
        parts = [f"{hint('questions.choose', 'questions')} answers"]
        if form.question.several:
            parts.insert(0, f"{hint('questions.toggle', 'questions')} ticks")
        if len(self._forms) > 1:
            parts.append(f"{hint('questions.next', 'questions')} next question")
        parts.append(f"{hint('questions.decline', 'questions')} does not answer")
        return " · ".join(parts)

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
            return
        elif command == "questions.toggle":
            self._toggle(form)
        elif command == "questions.choose":
            self._choose(form)
        elif (digit := int(command.rpartition(".")[2]) - 1) < rows:
            form.at = digit
            self._toggle(form) if form.question.several else self._choose(form)
        self._paint()

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
        self._draft = Draft(form.text, title="Your answer", done=self._say, left=self._put_away)
        self.mount(self._draft, after=self._options)
        self._draft.focus()

    def _say(self, text: str) -> None:
        form = self._form
        form.text = text.strip()
        if form.text and not form.question.several:
            form.chosen = ()
        self._put_away()
        if form.text:
            self._go_on()
        self._paint()

    def _put_away(self) -> None:
        if self._draft is not None:
            self._draft.remove()
            self._draft = None
            self.screen.query_one("#asking").focus()

    def _send(self, answers: tuple[Answer, ...]) -> None:
        if self._asked is not None:
            self._post(Answered(self._asked.call, answers))
