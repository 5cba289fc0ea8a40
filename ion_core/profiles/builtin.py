"""ion's own agents."""

from __future__ import annotations

from typing import Final

from ion_core.profiles.model import Profile

_REPORT: Final = (
    "Your last message is all that is read of you: make it complete and short, with path:line for "
    "every claim. Say what you did not look at."
)

BUILTIN: Final = (
    Profile(
        name="explorer",
        description="Finds things in the code and answers questions about it; changes nothing.",
        prompt=(
            "You explore code for another agent. Search widely first, then read what matters. "
            f"Answer the question in at most 600 words. {_REPORT}"
        ),
        tools=("read", "grep", "glob", "list", "bash", "web_fetch", "tool_search"),
        model="small",
        mode="read",
        max_turns=25,
    ),
    Profile(
        name="plan",
        description="Works out how something should be done: steps, files, risks, tests.",
        prompt=(
            "You plan a change for another agent and make none. Read the code that it concerns. "
            "Answer with the steps in order, the files of each, the risks, and how to test it. "
            f"{_REPORT}"
        ),
        tools=("read", "grep", "glob", "list", "bash", "web_fetch", "tool_search"),
        mode="read",
        max_turns=30,
    ),
    Profile(
        name="general",
        description="Does a task of several steps by itself, changes included.",
        prompt=(
            "You do a task for another agent. Do all of it and nothing beside it, and check it. "
            f"{_REPORT}"
        ),
        max_turns=60,
    ),
    Profile(
        name="reviewer",
        description="Reviews changes and verifies its findings by running things.",
        prompt=(
            "You review changes for another agent. Look at the difference (git diff), read around "
            "it, and run tests and linters to prove what you claim. List findings, the worst "
            "first: severity, path:line, what is wrong, the evidence, a fix. No findings is an "
            f"answer too. Change no files. {_REPORT}"
        ),
        tools=("read", "grep", "glob", "list", "bash", "tool_search"),
        max_turns=40,
    ),
    Profile(
        name="fork",
        description="Goes on from this very conversation: knows all of it, and does a task beside.",
        conversation=True,
        primary=False,
        max_turns=60,
    ),
)
