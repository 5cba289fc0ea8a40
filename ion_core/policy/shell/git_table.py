"""Which subcommands of git only look, and what they may be given (rule C7).

git takes any beginning of a long option for the option, writes files for ``--output`` and runs
programs for ``--ext-diff``, ``--textconv``, ``--show-signature`` and ``--open-files-in-pager``:
none of these is here. An operand is a revision or a path.
"""

from __future__ import annotations

from typing import Final

from ion_core.policy.shell.options import Shape

_DIFF = (
    "-p -u -s -U=number -a -b -w -z -R -B[=word] -M[=word] -C[=word] -D -l=number -S=word -G=word "
    "--patch --no-patch --unified=number --raw --patch-with-raw --indent-heuristic --minimal "
    "--patience --histogram --diff-algorithm=name --stat[=word] --compact-summary --numstat "
    "--shortstat --dirstat[=word] --summary --patch-with-stat --name-only --name-status "
    "--color[=name] "
    "--no-color --color-moved[=name] --no-color-moved --word-diff[=name] --word-diff-regex=word "
    "--color-words[=word] --no-renames --check --full-index --binary --abbrev[=number] "
    "--find-renames[=word] --find-copies[=word] --find-copies-harder --irreversible-delete "
    "--diff-filter=letters --pickaxe-all --pickaxe-regex --relative[=word] --no-relative --text "
    "--ignore-cr-at-eol --ignore-space-at-eol --ignore-space-change --ignore-all-space "
    "--ignore-blank-lines --inter-hunk-context=number --function-context -W --exit-code --quiet "
    "--no-ext-diff --no-textconv --src-prefix=word --dst-prefix=word --no-prefix "
    "--ita-invisible-in-index"
)
_REVISIONS = (
    "-n=number -i -E -F -P --max-count=number --skip=number --since=word --after=word --until=word "
    "--before=word --author=word --committer=word --grep=word --all-match --invert-grep "
    "--regexp-ignore-case --basic-regexp --extended-regexp --fixed-strings --perl-regexp "
    "--merges --no-merges --min-parents=number --max-parents=number --first-parent --all "
    "--branches[=word] --tags[=word] --remotes[=word] --glob=word --exclude=word --reflog "
    "--cherry --cherry-pick --cherry-mark --left-only --right-only --left-right --boundary "
    "--simplify-by-decoration --full-history --dense --sparse --simplify-merges --ancestry-path "
    "--date-order --author-date-order --topo-order --reverse --no-walk[=name] --do-walk --not "
    "--walk-reflogs -g --merge --count --parents --children --objects --timestamp --left-right "
    "--pretty[=pretty] --format=pretty --abbrev-commit --no-abbrev-commit --oneline --date=word "
    "--relative-date --graph --no-graph --encoding=charset --no-notes --notes[=word]"
)
_LOG = Shape(
    f"{_DIFF} {_REVISIONS} -c -m -t -L=word --cc --combined-all-paths --follow --decorate[=name] "
    "--no-decorate --decorate-refs=word --decorate-refs-exclude=word --source --use-mailmap "
    "--no-mailmap --mailmap --full-diff --log-size --diff-merges=name --no-diff-merges",
    operands="rev",
    numbers=True,
)
_REFS = (
    "--sort=pretty --format=pretty --contains=rev --no-contains=rev --merged[=rev] "
    "--no-merged[=rev] --points-at=rev --color[=name] --no-color --column[=name] --no-column "
    "-i --ignore-case"
)

READING: Final[dict[str, Shape]] = {
    "status": Shape(
        "-s -b -v -z -u[=name] --short --branch --show-stash --porcelain[=name] --long --verbose "
        "--untracked-files[=name] --ignored[=name] --no-renames --renames --ahead-behind "
        "--no-ahead-behind --find-renames[=word] --column[=name] --no-column",
        operands="rev",
    ),
    "log": _LOG,
    "show": _LOG,
    "whatchanged": _LOG,
    "diff": Shape(f"{_DIFF} --cached --staged --merge-base -0 -1 -2 -3", operands="rev"),
    "diff-tree": Shape(
        f"{_DIFF} -r -t -m -c --cc --root --no-commit-id --always --pretty[=pretty] "
        "--format=pretty --oneline",
        operands="rev",
    ),
    "shortlog": Shape(
        f"{_REVISIONS.removeprefix('-n=number')} -n -s -e -c --summary --numbered --email",
        operands="rev",
    ),
    "rev-list": Shape(_REVISIONS, operands="rev", numbers=True),
    "rev-parse": Shape(
        "-q --verify --quiet --short[=number] --abbrev-ref[=name] --symbolic "
        "--symbolic-full-name --all --branches[=word] --tags[=word] --remotes[=word] --git-dir "
        "--absolute-git-dir --git-common-dir --is-inside-git-dir --is-inside-work-tree "
        "--is-bare-repository --is-shallow-repository --show-toplevel --show-prefix --show-cdup "
        "--show-superproject-working-tree --show-object-format[=name] --revs-only --no-revs "
        "--flags --no-flags --since=word --until=word",
        operands="rev",
    ),
    "ls-files": Shape(
        "-c -d -i -k -m -o -s -t -u -v -z -x=word --cached --deleted --ignored --killed "
        "--modified --others --stage --unmerged --directory --no-empty-directory "
        "--exclude-standard --error-unmatch --full-name --abbrev[=number] --debug --eol "
        "--deduplicate --exclude=word --format=word",
        operands="rev",
    ),
    "ls-tree": Shape(
        "-d -r -t -l -z --long --name-only --name-status --object-only --full-name --full-tree "
        "--abbrev[=number] --format=word",
        operands="rev",
    ),
    "blame": Shape(
        "-b -l -t -s -f -n -p -e -w -c -L=word -M[=number] -C[=number] --root --show-stats "
        "--date=word --score-debug --show-name --show-number --porcelain --line-porcelain "
        "--abbrev=number --show-email --no-progress --since=word --first-parent",
        operands="rev",
    ),
    "grep": Shape(
        "-a -i -I -w -v -h -H -E -G -F -P -n -l -L -z -c -o -p -W -q -A=number -B=number -C=number "
        "-e=word -m=number --cached --untracked --text --ignore-case --word-regexp --invert-match "
        "--full-name --extended-regexp --basic-regexp --perl-regexp --fixed-strings --line-number "
        "--column --files-with-matches --name-only --files-without-match --null --only-matching "
        "--count --color[=name] --no-color --break --heading --show-function --context=number "
        "--after-context=number --before-context=number --function-context --max-depth=number "
        "--max-count=number --no-textconv --all-match --and --or --not --quiet",
        operands="rev",
        first="word",
        unless="-e",
    ),
    "describe": Shape(
        "--all --tags --contains --abbrev=number --candidates=number --exact-match --debug --long "
        "--match=word --exclude=word --always --first-parent",
        operands="rev",
    ),
    "merge-base": Shape("-a --all --octopus --independent --is-ancestor", operands="rev"),
    "name-rev": Shape("--tags --refs=word --all --name-only --no-undefined --always", "rev"),
    "show-ref": Shape(
        "-d -q -s --head --heads --tags --branches --dereference --hash[=number] --verify --quiet "
        "--abbrev[=number]",
        operands="rev",
    ),
    "for-each-ref": Shape(f"{_REFS} --count=number --include-root-refs", operands="rev"),
    "symbolic-ref": Shape("-q --quiet --short", operands="rev", least=1, most=1),
    "cat-file": Shape("-t -s -p -e", operands="rev", most=2),
    "count-objects": Shape("-v -H --verbose --human-readable", most=0),
    "check-ignore": Shape("-q -v -n --quiet --verbose --non-matching --no-index", "rev", least=1),
    "check-attr": Shape("-a --all --cached", operands="rev", least=1),
    "cherry": Shape("-v --abbrev[=number]", operands="rev", most=3),
    "version": Shape("--build-options", most=0),
}
"""Subcommands that look, whatever their operands."""

LISTING: Final[dict[str, Shape]] = {
    "branch": Shape(
        f"{_REFS} -a -r -v -q -l --all --remotes --verbose --list --show-current --abbrev=number "
        "--no-abbrev",
        operands="script",
    ),
    "tag": Shape(f"{_REFS} -l -n[=number] --list", operands="script"),
}
"""Subcommands that make something of an operand unless they are told to list."""

BELOW: Final[dict[str, dict[str, Shape]]] = {
    "stash": {
        "list": _LOG,
        "show": Shape(f"{_DIFF} -u --include-untracked --only-untracked", "rev", most=1),
    },
    "reflog": {"show": _LOG, "": _LOG, "exists": Shape("", operands="rev", most=1)},
    "worktree": {"list": Shape("-v -z --porcelain --verbose", most=0)},
    "remote": {
        "": Shape("-v --verbose", most=0),
        "get-url": Shape("--push --all", operands="name", most=1),
    },
    "notes": {"list": Shape("", operands="rev", most=1), "show": Shape("", "rev", most=1)},
    "sparse-checkout": {"list": Shape("", most=0)},
}
"""Subcommands with subcommands of their own; the empty one is none."""

CONFIG: Final = Shape(
    "-z --get --get-all --local --global --system --worktree --type=name --bool --int --path "
    "--null --show-origin --show-scope --default=word --name-only",
    operands="key",
    posix=True,  # what follows the key is its new value, also when it looks like an option
    least=1,
    most=1,
)
