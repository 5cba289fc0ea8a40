"""What programs that only read may be given: one shape a program, from their manual pages.

Left out on purpose are options that write files (``sort -o``), start programs (``rg --pre``,
``diff -l``, ``file -z``), read lists of file names (``--files0-from``), wait without end
(``tail -f``), ask the network (``hostname -f``) or set something (``date -s``). ``inert`` are
programs of which no option at all does such a thing, so that any file name may follow.
"""

from __future__ import annotations

from typing import Final

from ion_core.policy.shell.options import Shape

_HELP = "--help --version"
_SUM = f"-b -t -z --tag --binary --text --zero {_HELP}"
_GREP = (
    "-E -F -G -P -i -y -v -w -x -c -l -L -o -q -s -n -H -h -b -T -Z -z -a -I -U -r -V "
    "-e=word -f=read -m=number -A=number -B=number -C=number -d=name -D=name "
    "--extended-regexp --fixed-strings --basic-regexp --perl-regexp --ignore-case "
    "--no-ignore-case --invert-match --word-regexp --line-regexp --count --color[=name] "
    "--colour[=name] --files-with-matches --files-without-match --only-matching --quiet --silent "
    "--no-messages --byte-offset --with-filename --no-filename --line-number --initial-tab --null "
    "--null-data --text --recursive --line-buffered --binary "
    "--regexp=word --file=read --max-count=number --label=word --after-context=number "
    "--before-context=number --context=number --include=glob --exclude=word --exclude-dir=word "
    f"--exclude-from=read --binary-files=name --directories=name --devices=name {_HELP}"
)
GREP: Final = Shape(_GREP, first="word", unless="-e -f --regexp --file", numbers=True, inert=True)

READING: Final[dict[str, Shape]] = {
    "cat": Shape(
        "-A -b -e -E -n -s -t -T -u -v --show-all --number-nonblank --show-ends --number "
        f"--squeeze-blank --show-tabs --show-nonprinting {_HELP}",
        inert=True,
    ),
    "head": Shape(
        f"-n=number -c=number -q -v -z --lines=number --bytes=number --quiet --verbose {_HELP}",
        inert=True,
        numbers=True,
    ),
    "tail": Shape(
        f"-n=number -c=number -q -v -z --lines=number --bytes=number --quiet --verbose {_HELP}",
        numbers=True,
    ),
    "wc": Shape(
        "-c -m -l -L -w --bytes --chars --lines --words --max-line-length --total=name " + _HELP,
        inert=True,
    ),
    "ls": Shape(
        "-a -A -b -B -c -C -d -D -f -F -g -G -h -H -i -k -l -L -m -n -N -o -p -q -Q -r -R -s -S -t "
        "-u -U -v -x -X -Z -1 -I=word -w=number -T=number --all --almost-all --author --escape "
        "--block-size=word --ignore-backups --color[=name] --directory --classify[=name] "
        "--file-type --format=name --full-time --group-directories-first --no-group "
        "--human-readable --si --hide=word --indicator-style=name --inode --ignore=word "
        "--kibibytes --dereference --numeric-uid-gid --literal --quote-name --quoting-style=name "
        "--reverse --recursive --size --sort=name --time=name --time-style=word --tabsize=number "
        f"--width=number --context --zero {_HELP}",
        inert=True,
    ),
    "du": Shape(
        "-a -A -b -c -D -h -H -k -l -L -m -P -s -S -x -0 -B=word -d=number -t=word --all "
        "--apparent-size --block-size=word --bytes --total --max-depth=number --human-readable "
        "--inodes --summarize --si --one-file-system --exclude=word --time[=name] "
        f"--time-style=word --threshold=word --separate-dirs {_HELP}",
        inert=True,
    ),
    "df": Shape(
        "-a -B=word -h -H -i -k -l -P -T -t=name -x=name --all --block-size=word --human-readable "
        f"--si --inodes --local --portability --print-type --type=name --output[=word] {_HELP}"
    ),
    "sort": Shape(
        "-b -c -C -d -f -g -h -i -m -M -n -r -R -s -u -V -z -k=word -t=word "
        "--ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort "
        "--ignore-nonprinting --month-sort --human-numeric-sort --numeric-sort --random-sort "
        "--reverse --sort=name --version-sort --check[=name] --key=word --merge --stable "
        f"--field-separator=word --unique --zero-terminated {_HELP}"
    ),
    "uniq": Shape(
        "-c -d -D -i -u -z -f=number -s=number -w=number --count --repeated --all-repeated[=name] "
        "--skip-fields=number --group[=name] --ignore-case --skip-chars=number --unique "
        f"--zero-terminated --check-chars=number {_HELP}",
        most=1,
    ),
    "cut": Shape(
        "-b=word -c=word -d=word -f=word -n -s -z --bytes=word --characters=word --delimiter=word "
        f"--fields=word --complement --only-delimited --output-delimiter=word {_HELP}",
        inert=True,
    ),
    "tr": Shape(
        f"-c -C -d -s -t --complement --delete --squeeze-repeats --truncate-set1 {_HELP}",
        operands="script",
        most=2,
    ),
    "nl": Shape(
        "-b=word -d=word -f=word -h=word -i=number -l=number -n=name -p -s=word -v=number "
        f"-w=number --body-numbering=word --number-format=name --number-width=number {_HELP}",
        inert=True,
    ),
    "fold": Shape(f"-b -c -s -w=number --bytes --spaces --width=number {_HELP}"),
    "fmt": Shape(f"-c -s -t -u -w=number --width=number {_HELP}"),
    "expand": Shape(f"-i -t=word --initial --tabs=word {_HELP}"),
    "unexpand": Shape(f"-a -t=word --all --first-only --tabs=word {_HELP}"),
    "comm": Shape(
        f"-1 -2 -3 -z --check-order --nocheck-order --output-delimiter=word --total {_HELP}", most=2
    ),
    "cmp": Shape(
        f"-b -l -s -i=number -n=number --print-bytes --verbose --quiet --silent {_HELP}", most=2
    ),
    "diff": Shape(
        "-u -c -q -s -y -e -n -p -t -T -N -i -E -Z -b -w -B -a -d -r -U=number -C=number -W=number "
        "-I=word -x=word --normal --brief --report-identical-files --context[=number] "
        "--unified[=number] --side-by-side --width=number --left-column --suppress-common-lines "
        "--show-c-function --label=word --expand-tabs --recursive --no-dereference --new-file "
        "--ignore-case --ignore-tab-expansion --ignore-trailing-space --ignore-space-change "
        "--ignore-all-space --ignore-blank-lines --ignore-matching-lines=word --exclude=word "
        f"--text --strip-trailing-cr --minimal --color[=name] {_HELP}",
        most=2,
    ),
    "join": Shape(
        "-a=number -e=word -i -j=number -1=number -2=number -o=word -t=word -v=number -z "
        f"--ignore-case --check-order --nocheck-order --header {_HELP}",
        most=2,
    ),
    "paste": Shape(f"-d=word -s -z --delimiters=word --serial {_HELP}", inert=True),
    "column": Shape("-t -s=word -o=word -c=number -x -n -e --table --separator=word --version"),
    "rev": Shape("--version"),
    "tac": Shape(f"-b -r -s=word --before --regex --separator=word {_HELP}", inert=True),
    "od": Shape(
        "-A=name -j=number -N=number -t=word -v -w[=number] -a -b -c -d -f -i -l -o -s -x "
        f"--address-radix=name --skip-bytes=number --read-bytes=number --format=word {_HELP}",
        inert=True,
    ),
    # The second operand of xxd is written, and its options end at the first.
    "xxd": Shape(
        "-p -u -b -e -i -E -c=number -g=number -l=number -s=number", exact=True, posix=True, most=1
    ),
    "hexdump": Shape("-b -c -C -d -o -x -v -n=number -s=number"),
    "hd": Shape("-b -c -C -d -o -x -v -n=number -s=number"),
    "base64": Shape(f"-d -i -w=number --decode --ignore-garbage --wrap=number {_HELP}", most=1),
    "base32": Shape(f"-d -i -w=number --decode --ignore-garbage --wrap=number {_HELP}", most=1),
    **dict.fromkeys(
        ("md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum"),
        Shape(_SUM, inert=True),
    ),
    "cksum": Shape(_HELP),
    "sum": Shape(f"-r -s {_HELP}"),
    "strings": Shape("-a -f -n=number -t=name -e=name -o -w --all --bytes=number --radix=name"),
    "iconv": Shape("-f=charset -t=charset -c -s -l --from-code=charset --to-code=charset --list"),
    "file": Shape(
        "-b -i -h -L -k -0 -N -r --brief --mime --mime-type --mime-encoding --extension "
        "--dereference --no-dereference --keep-going --print0 --no-pad --version"
    ),
    "stat": Shape(
        f"-L -f -t -c=word --dereference --file-system --format=word --printf=word --terse {_HELP}",
        inert=True,
    ),
    "realpath": Shape(
        "-e -m -L -P -q -s -z --canonicalize-existing --canonicalize-missing --logical --physical "
        f"--quiet --strip --no-symlinks --relative-to=read --relative-base=read {_HELP}",
        inert=True,
    ),
    "readlink": Shape(
        "-f -e -m -n -q -s -v -z --canonicalize --canonicalize-existing --canonicalize-missing "
        f"--no-newline --quiet {_HELP}",
        inert=True,
    ),
    "tree": Shape(
        "-a -d -f -i -p -u -g -s -h -D -F -N -Q -C -n -t -c -r -U -x -l -J -X -v -L=number "
        "-I=word -P=word --dirsfirst --filesfirst --noreport --prune --gitignore --du --si "
        "--inodes --device --ignore-case --matchdirs --version",
        exact=True,
    ),
    "jq": Shape(
        "-n -r -j -a -s -c -C -M -S -e -R -V --null-input --raw-output --raw-output0 "
        "--join-output --ascii-output --slurp --compact-output --color-output "
        "--monochrome-output --sort-keys --exit-status --raw-input --tab --indent=number "
        "--stream --seq --unbuffered --version",
        first="script",
        least=0,
    ),
    "zcat": Shape("-f"),
    "zipinfo": Shape("-1 -s -m -l -v -h -t", exact=True, most=1, least=1),
    "grep": GREP,
    "egrep": GREP,
    "fgrep": GREP,
}
"""Programs that read the files they are given, or their input."""

TELLING: Final[dict[str, Shape]] = {
    "dirname": Shape(f"-z --zero {_HELP}", operands="word", inert=True),
    "basename": Shape(f"-a -s=word -z --multiple --suffix=word {_HELP}", "word", inert=True),
    "seq": Shape(f"-f=word -s=word -w --separator=word --equal-width {_HELP}", "number", most=3),
    "whoami": Shape(_HELP, most=0),
    "id": Shape(f"-g -G -n -r -u -z --group --groups --name --real --user {_HELP}", most=0),
    "groups": Shape(_HELP, most=0),
    "logname": Shape(_HELP, most=0),
    "tty": Shape(f"-s {_HELP}", most=0),
    "uname": Shape(
        "-a -s -n -r -v -m -p -i -o --all --kernel-name --nodename --kernel-release "
        f"--kernel-version --machine --processor --hardware-platform --operating-system {_HELP}",
        most=0,
    ),
    "arch": Shape(_HELP, most=0),
    "hostname": Shape("-s", most=0),
    "uptime": Shape("-p -s --pretty --since --version", most=0),
    "nproc": Shape(f"--all --ignore=number {_HELP}", most=0),
    "lscpu": Shape("-a -b -c -J -e[=word] -p[=word] --json --version", most=0),
    "free": Shape("-b -k -m -g -h -l -t -w --human --mega --giga --total --version", most=0),
    "date": Shape(
        "-u -R -I[=name] -d=word -r=read --utc --iso-8601[=name] --rfc-3339=name --date=word "
        f"--rfc-email --reference=read {_HELP}",
        operands="date",
        most=1,
    ),
    "cal": Shape("-1 -3 -m -s -y -j", operands="number", most=3),
    "which": Shape("-a", operands="name"),
    "getconf": Shape("-a", operands="name", most=1),
    "locale": Shape("-a -m", most=0),
    "lsb_release": Shape("-a -i -d -r -c -s", most=0),
    "numfmt": Shape(
        f"--to=name --from=name --suffix=word --grouping --padding=number {_HELP}", "number"
    ),
    "expr": Shape("", operands="script"),
    "who": Shape("-b -H -q -u", most=0),
    "factor": Shape(_HELP, operands="number"),
    "ps": Shape("-e -f -A -F -l", most=0),
    "true": Shape("", operands="word", inert=True),
    "false": Shape("", operands="word", inert=True),
}
"""Programs that tell of the machine, or reckon with their words."""

VERSIONED: Final[frozenset[str]] = frozenset(
    {"python", "python3", "node", "npm", "gcc", "g++", "cc", "clang", "clang++", "make", "cmake"}
    | {"ninja", "bash", "sh", "dash", "zsh", "perl", "ruby", "lua", "rg", "sed", "awk", "gawk"}
    | {"tar", "gzip", "curl", "wget", "docker", "git", "jq", "fd", "fdfind", "tmux", "vim"}
    | {"sqlite3", "openssl", "pip", "pip3", "find", "xargs", "ld", "as"}
    | {"strace", "rsync", "ssh", "ffmpeg", "pkg-config", "nginx", "psql", "mysql", "redis-cli"}
    | {"diff3", "patch", "less", "nano", "column", "batcat", "bat", "emacs", "man", "env"}
)
"""Programs whose ``--version`` alone runs nothing that a folder brings along. Not among them:
cargo, rustc, go, yarn and pnpm, which may fetch or run what a project names."""

VERSION_LETTERS: Final[frozenset[tuple[str, str]]] = frozenset(
    {("python", "-V"), ("python3", "-V"), ("node", "-v"), ("npm", "-v"), ("perl", "-v")}
    | {("ssh", "-V"), ("tmux", "-V")}
)
"""The same, said in a letter."""
