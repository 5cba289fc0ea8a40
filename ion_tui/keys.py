"""The default keys, and how a key is written.

The table is data: context → command → keys. Every default key works on an 8-bit terminal inside
tmux over ssh, or has an alias that does (`tui.md` §3.5).
"""

from __future__ import annotations

from collections.abc import Mapping

GLOBAL, LEADER = "global", "leader"

KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    GLOBAL: {
        "ui.escape": ("escape",),
        "ui.interrupt": ("ctrl+c",),
        "app.suspend": ("ctrl+z",),
        "ui.redraw": ("ctrl+l",),
        "ui.leader": ("ctrl+x",),
        "palette.open": ("ctrl+p",),
        "help.open": ("f1",),
        "mode.cycle": ("shift+tab",),
        "view.details": ("ctrl+o",),
        "dock.todo": ("ctrl+t",),
        "transcript.page_up": ("pageup",),
        "transcript.page_down": ("pagedown",),
        "transcript.top": ("ctrl+home",),
        "transcript.follow": ("ctrl+end",),
        "focus.next": ("f6",),
        "focus.previous": ("shift+f6",),
    },
    LEADER: {
        "sidebar.toggle": ("b",),
        "tools.toggle": ("t",),
        "dock.tools": ("1",),
        "dock.todo": ("2",),
        "dock.jobs": ("3",),
        "agent.stop": ("x",),
        "agent.next": ("right_square_bracket",),
        "agent.previous": ("left_square_bracket",),
        "agent.back": ("u",),
        "job.background": ("B",),
        "session.new": ("n",),
        "session.open": ("l",),
        "session.rename": ("e",),
        "session.fork": ("f",),
        "session.tree": ("F",),
        "session.rewind": ("g",),
        "session.take_over": ("O",),
        "model.pick": ("m",),
        "thinking.set": ("T",),
        "theme.pick": ("h",),
        "copy.last": ("y",),
        "focus.next": ("o",),
        "prompt.editor": ("ctrl+e",),
        "prompt.redo": ("r",),
        "app.quit": ("q",),
        "help.open": ("question_mark",),
    },
    "prompt": {
        "prompt.submit": ("enter",),
        "prompt.newline": ("ctrl+j", "shift+enter", "alt+enter"),
        "prompt.queue": ("tab",),
        "prompt.previous": ("up",),
        "prompt.next": ("down",),
        "prompt.editor": ("ctrl+g",),
        "history.search": ("ctrl+r",),
        "prompt.undo": ("ctrl+underscore",),
        "app.quit_if_empty": ("ctrl+d",),
        "help.if_empty": ("question_mark",),
        "transcript.follow_if_empty": ("end",),
    },
    "completion": {
        "completion.next": ("down", "ctrl+n"),
        "completion.previous": ("up",),
        "completion.accept": ("tab",),
        "completion.run": ("enter",),
    },
    "list": {
        "list.down": ("down", "ctrl+n"),
        "list.up": ("up", "ctrl+p"),
        "list.page_down": ("pagedown",),
        "list.page_up": ("pageup",),
        "list.choose": ("enter",),
        "list.close": ("escape", "ctrl+c"),
    },
    "history": {
        "history.search": ("ctrl+r",),
    },
    "models": {
        "models.order": ("ctrl+o",),
        "models.star": ("ctrl+f",),
        "models.default": ("ctrl+d",),
    },
    "branches": {
        "branches.view": ("ctrl+o",),
        "branches.fork": ("ctrl+f",),
        "branches.label": ("ctrl+l",),
        "branches.summary": ("ctrl+t",),
    },
    "rewind": {
        "rewind.overwrite": ("ctrl+o",),
        "rewind.down": ("shift+down",),
        "rewind.up": ("shift+up",),
    },
    "summary": {
        "summary.keep": ("f2",),
    },
    "login": {
        "login.copy_link": ("ctrl+y",),
        "login.copy_code": ("ctrl+k",),
    },
    "rules": {
        "rules.forget": ("ctrl+d",),
    },
    "card": {
        "card.once": ("y",),
        "card.session": ("s",),
        "card.always": ("a",),
        "card.edit": ("e",),
        "card.deny": ("n", "escape"),
        "card.why": ("c",),
        "card.full": ("v",),
        "card.down": ("down", "pagedown"),
        "card.up": ("up", "pageup"),
    },
    "questions": {
        "questions.down": ("down", "j"),
        "questions.up": ("up", "k"),
        "questions.choose": ("enter",),
        "questions.toggle": ("space",),
        "questions.next": ("right", "tab"),
        "questions.previous": ("left",),
        "questions.decline": ("escape",),
        **{f"questions.{n}": (str(n),) for n in range(1, 8)},
    },
    "sidebar": {
        "tree.down": ("down", "j"),
        "tree.up": ("up", "k"),
        "tree.page_down": ("pagedown",),
        "tree.page_up": ("pageup",),
        "tree.top": ("home", "g"),
        "tree.bottom": ("end", "G"),
        "tree.fold": ("left", "h"),
        "tree.unfold": ("right", "l"),
        "tree.open": ("enter",),
        "tree.search": ("slash",),
        "tree.everywhere": ("a",),
        "tree.mark": ("space",),
        "tree.rename": ("r",),
        "tree.tag": ("t",),
        "tree.pin": ("p",),
        "tree.details": ("i",),
        "tree.fork": ("f",),
        "tree.archive": ("A",),
        "tree.delete": ("x", "d", "delete"),
        "tree.restore": ("u",),
        "tree.export": ("E", "e"),
        "tree.copy": ("y",),
        "session.new": ("n",),
        "focus.prompt": ("q",),
    },
    "search": {
        "search.down": ("down", "ctrl+n"),
        "search.up": ("up", "ctrl+p"),
        "search.page_down": ("pagedown",),
        "search.page_up": ("pageup",),
        "search.open": ("enter",),
        "search.scope": ("tab",),
        "search.close": ("escape", "ctrl+c"),
    },
    "tools": {
        "log.down": ("down", "j"),
        "log.up": ("up", "k"),
        "log.page_down": ("pagedown",),
        "log.page_up": ("pageup",),
        "log.top": ("home", "g"),
        "log.bottom": ("end", "G"),
        "log.filter": ("f",),
        "log.reveal": ("enter", "o"),
        "dock.next": ("right", "l"),
        "dock.previous": ("left", "h"),
        "focus.prompt": ("i", "q"),
    },
    "jobs": {
        "jobs.down": ("down", "j"),
        "jobs.up": ("up", "k"),
        "jobs.page_down": ("pagedown",),
        "jobs.page_up": ("pageup",),
        "jobs.open": ("enter",),
        "job.stop": ("x",),
        "jobs.copy": ("y",),
        "dock.next": ("right", "l"),
        "dock.previous": ("left", "h"),
        "focus.prompt": ("i", "q"),
    },
    "todo": {
        "todo.down": ("down", "j"),
        "todo.up": ("up", "k"),
        "todo.page_down": ("pagedown",),
        "todo.page_up": ("pageup",),
        "dock.next": ("right", "l"),
        "dock.previous": ("left", "h"),
        "focus.prompt": ("i", "q"),
    },
    "transcript": {
        "transcript.line_down": ("down", "j"),
        "transcript.line_up": ("up", "k"),
        "transcript.page_down": ("ctrl+d",),
        "transcript.page_up": ("ctrl+u",),
        "transcript.top": ("home", "g"),
        "transcript.follow": ("end", "G"),
        "agent.open": ("enter",),
        "focus.prompt": ("i", "q"),
    },
}

FORBIDDEN = frozenset(
    {"ctrl+b", "ctrl+h", "ctrl+i", "ctrl+m", "ctrl+left_square_bracket", "ctrl+q", "ctrl+s"}
    | {"ctrl+at", "ctrl+space", "ctrl+a", "ctrl+backslash", *(f"alt+{n}" for n in range(10))}
)
"""Keys that belong to tmux, screen, flow control or an input method: never bound by default."""

PRINTED = {
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "ctrl+underscore": "ctrl+_",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def printed(key: str) -> str:
    """A key as people write it."""
    return PRINTED.get(key, key)


_NAMED = {value: key for key, value in PRINTED.items()} | {
    "return": "enter",
    "del": "delete",
    "page_up": "pageup",
    "page_down": "pagedown",
}
_SPECIAL = frozenset(
    """enter escape tab space backspace delete insert home end pageup pagedown up down left right
    slash question_mark full_stop comma minus plus underscore left_square_bracket semicolon colon
    right_square_bracket exclamation_mark less_than_sign greater_than_sign""".split()  # noqa: SIM905
) | {f"f{n}" for n in range(1, 25)}
_MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")


def normal(key: str) -> str:
    """A key as the terminal layer names it ("?" is "question_mark"), empty for no key at all."""
    key = key.strip()
    key = _NAMED.get(key, key)
    *modifiers, name = key.split("+") if len(key) > 1 else [key]
    name = _NAMED.get(name.lower(), name if len(name) == 1 else name.lower())
    if any(word.lower() not in _MODIFIERS for word in modifiers):
        return ""
    name = name.lower() if modifiers else name
    if len(name) != 1 and name not in _SPECIAL:
        return ""
    return "+".join([*sorted(word.lower() for word in modifiers), name])
