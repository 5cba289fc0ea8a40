"""What a question looks like as rows: its options, the mark, the ticks, and the tabs of several."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from textual.content import Content

from ion_core.asking import Answer, Question
from ion_tui.phrases import one_line
from ion_tui.render.plainly import plainly
from ion_tui.widgets.hanging import hung

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


def tabs(forms: Sequence[Filling], now: int) -> Content:
    """The questions one beside the other, those that are answered with a tick."""
    return Content("   ").join(_tab(form, index, index == now) for index, form in enumerate(forms))


def _tab(form: Filling, index: int, now: bool) -> Content:
    name = one_line(form.question.header) or f"Question {index + 1}"
    mark = "✓ " if form.given else ""
    return Content.styled(f"{mark}{name}", "bold $ion-accent" if now else "$ion-muted")


def asked(form: Filling, width: int) -> list[Content]:
    """The question itself."""
    text = Content.styled(plainly(form.question.question).text, "bold $ion-warning")
    return text.wrap(max(1, width))


def option_rows(form: Filling, width: int) -> list[list[Content]]:
    """The lines of every row: the options, then the one for words of one's own."""
    indent = 7 if form.question.several else 5
    options = [_option(form, index) for index in range(len(form.question.options))]
    return [hung(row, width, indent) for row in options] + [hung(_free(form), width, 5)]


def _option(form: Filling, index: int) -> Content:
    option, marked = form.question.options[index], index == form.at
    taken = index in form.chosen
    box = ("☑ " if taken else "☐ ") if form.question.several else ""
    about = f"  {one_line(option.about)}" if option.about else ""
    return Content.assemble(
        ("❯ " if marked else "  ", "$ion-accent"),
        (f"{index + 1}  {box}", "$ion-accent" if taken else "$ion-muted"),
        (one_line(option.label), "bold $ion-bright" if marked else "$ion-foreground"),
        (" ✓" if taken and not box else "", "$ion-accent"),
        (about, "$ion-muted"),
    )


def _free(form: Filling) -> Content:
    marked = form.at == len(form.question.options)
    text = f": {one_line(form.text)}" if form.text else " …"
    return Content.assemble(
        ("❯ " if marked else "  ", "$ion-accent"),
        (f"{len(form.question.options) + 1}  ", "$ion-muted"),
        (f"{FREE}{text}", "$ion-bright" if marked else "$ion-muted"),
    )
