# ruff: noqa: E501  (a table, one case a line)
"""Cases of the edit tool: what a file holds, what a model asks for, and what must become of it.

``after`` None means that nothing may change, and ``says`` is in the answer. ``how`` is the level
that must find it: exact, form, lines, tokens, alike or numbered.
"""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    name: str
    before: str | bytes
    old: str
    new: str
    after: str | bytes | None
    how: str = "exact"
    says: str = ""
    everywhere: bool = False


def no(name: str, before: str | bytes, old: str, new: str, says: str) -> Case:
    return Case(name, before, old, new, None, "", says)


def form(name: str, before: str | bytes, old: str, new: str, after: str | bytes) -> Case:
    return Case(name, before, old, new, after, "form")


def lines(name: str, before: str | bytes, old: str, new: str, after: str | bytes) -> Case:
    return Case(name, before, old, new, after, "lines")


def tokens(name: str, before: str | bytes, old: str, new: str, after: str | bytes) -> Case:
    return Case(name, before, old, new, after, "tokens")


def alike(name: str, before: str | bytes, old: str, new: str, after: str | bytes) -> Case:
    return Case(name, before, old, new, after, "alike")


def every(name: str, before: str, old: str, new: str, after: str, how: str = "exact") -> Case:
    return Case(name, before, old, new, after, how, "", True)


PY = "def f(a):\n    if a:\n        return 1\n    return 2\n"
TAB = "func f() {\n\tif a {\n\t\treturn 1\n\t}\n\treturn 2\n}\n"
TWO = "f() {\n  if (a) {\n    g();\n  }\n}\n"
LONG = (
    "class Cart:\n    # keeps what a customer wants to buy\n    def total(self):\n"
    "        # prices are in cents\n        return sum(self.prices)\n\n    def clear(self):\n"
    "        self.prices = []\n"
)

EXACT = [
    Case("one word", "a b c\n", "b", "x", "a x c\n"),
    Case("first characters", "abc", "a", "x", "xbc"),
    Case("last characters", "abc", "c", "x", "abx"),
    Case("everything", "abc", "abc", "x", "x"),
    Case("to nothing", "abc\n", "b", "", "ac\n"),
    Case("a whole line to nothing", "a\nb\nc\n", "b\n", "", "a\nc\n"),
    Case("a line more", "a\nb\n", "a\n", "a\nx\n", "a\nx\nb\n"),
    Case("a final newline goes", "a\n", "a\n", "a", "a"),
    Case("a final newline comes", "a", "a", "a\n", "a\n"),
    Case("no final newline stays", "a\nb", "a", "x", "x\nb"),
    Case("several lines", PY, "        return 1\n    return 2", "        return 3", PY[:20] + "        return 3\n"),
    Case("tabs are tabs", TAB, "\t\treturn 1", "\t\treturn 3", TAB.replace("1", "3")),
    Case("trailing spaces that are asked for", "a  \nb\n", "a  \n", "a\n", "a\nb\n"),
    Case("part of an indented line", PY, "return 2", "return 4", PY.replace("2", "4")),
    Case("dollars and backslashes", "a\\1 $1\n", "\\1 $1", "\\g<0>$&", "a\\g<0>$&\n"),
    Case("a pattern is no pattern", "a.c abc\n", "a.c", "x", "x abc\n"),
    Case("quotes", "x = 'a'\n", "'a'", '"b"', 'x = "b"\n'),
    Case("a form feed stays", "a\x0cb\nc\n", "c", "d", "a\x0cb\nd\n"),
    Case("a vertical tab stays", "a\x0bb\nc\n", "c", "d", "a\x0bb\nd\n"),
    Case("a line separator is no line end", "a\u2028b\nc\n", "b", "x", "a\u2028x\nc\n"),
    Case("emoji", "a 👩‍👩‍👧 b\n", "👩‍👩‍👧", "🐍", "a 🐍 b\n"),
    Case("CJK", "# 你好世界\nx\n", "世界", "朋友", "# 你好朋友\nx\n"),
    Case("right to left", "# שלום עולם\n", "עולם", "שם", "# שלום שם\n"),
    Case("combining marks", "cafe\u0301 x\n", "x", "y", "cafe\u0301 y\n"),
    Case("an empty line", "a\n\nb\n", "a\n\nb", "a\nb", "a\nb\n"),
    Case("a very long line", "x" * 5000 + "y\n", "xy", "xz", "x" * 5000 + "z\n"),
    Case("it decides although another is alike", "a b\na  b\n", "a  b", "c", "a b\nc\n"),
    Case("JSON", '{"a": 1,\n "b": [2]}\n', '"b": [2]', '"b": []', '{"a": 1,\n "b": []}\n'),
    Case("YAML", "a:\n  - b\n  - c\n", "  - c\n", "  - c\n  - d\n", "a:\n  - b\n  - c\n  - d\n"),
    Case("Makefile", "all:\n\techo a\n", "\techo a", "\techo b", "all:\n\techo b\n"),
]  # fmt: skip

BYTES = [
    Case("CRLF", b"a\r\nb\r\n", "a\nb", "a\nx\nb", b"a\r\nx\r\nb\r\n"),
    Case("CRLF asked for as CRLF", b"a\r\nb\r\n", "a\r\nb", "a\r\nc", b"a\r\nc\r\n"),
    Case("LF answered with CRLF", b"a\nb\n", "a\r\nb", "a\r\nc", b"a\nc\n"),
    Case("CRLF without a last one", b"a\r\nb", "b", "c\nd", b"a\r\nc\r\nd"),
    Case("mostly CRLF", b"a\r\nb\nc\r\n", "c", "c\nd", b"a\r\nb\nc\r\nd\r\n"),
    Case("mostly LF", b"a\nb\r\nc\n", "c", "c\nd", b"a\nb\r\nc\nd\n"),
    Case("a lone CR stays", b"a\rb\nc\n", "c", "d", b"a\rb\nd\n"),
    Case("a UTF-8 mark", b"\xef\xbb\xbfa\n", "a", "b", b"\xef\xbb\xbfb\n"),
    Case("UTF-16 little", "\ufeffa ü\n".encode("utf-16-le"), "ü", "界", "\ufeffa 界\n".encode("utf-16-le")),
    Case("UTF-16 big", "\ufeffa ü\n".encode("utf-16-be"), "ü", "界", "\ufeffa 界\n".encode("utf-16-be")),
    Case("UTF-16 CRLF", "\ufeffa\r\nb\r\n".encode("utf-16-le"), "a\nb", "a\nc\nb", "\ufeffa\r\nc\r\nb\r\n".encode("utf-16-le")),
    Case("UTF-16 without a mark", "hello = 1\n".encode("utf-16-le"), "1", "2", "hello = 2\n".encode("utf-16-le")),
    Case("UTF-16 big without a mark", "hello = 1\n".encode("utf-16-be"), "1", "2", "hello = 2\n".encode("utf-16-be")),
    Case("Latin 1", "größe = 1  # süß\n".encode("latin-1"), "größe = 1", "größe = 2", "größe = 2  # süß\n".encode("latin-1")),
    Case("Windows quotes", "x = “é”\n".encode("cp1252"), "“é”", "“è”", "x = “è”\n".encode("cp1252")),
    Case("Shift JIS", "# 設定ファイル\nx = 1\n".encode("cp932"), "設定", "構成", "# 構成ファイル\nx = 1\n".encode("cp932")),
    Case("EUC-JP", "# これは設定です\nx = 1\n".encode("euc_jp"), "x = 1", "x = 2  # です", "# これは設定です\nx = 2  # です\n".encode("euc_jp")),
    Case("GB 18030", "# 这是一个测试\nx = 1\n".encode("gb18030"), "测试", "配置", "# 这是一个配置\nx = 1\n".encode("gb18030")),
    Case("Big5", "# 這是一個設定檔\nx = 1\n".encode("big5"), "x = 1", "x = 2", "# 這是一個設定檔\nx = 2\n".encode("big5")),
    Case("EUC-KR", "# 한국어 설정 파일\nx = 1\n".encode("euc_kr"), "설정", "시험", "# 한국어 시험 파일\nx = 1\n".encode("euc_kr")),
    Case("Windows Cyrillic", "# Настройки сервера\nx = 1\n".encode("cp1251"), "сервера", "клиента", "# Настройки клиента\nx = 1\n".encode("cp1251")),
    Case("a broken byte in UTF-8", "grüße 界\n".encode() + b"\xff\nx\n", "x", "y", "grüße 界\n".encode() + b"\xff\ny\n"),
    Case("bytes that nothing explains", b"\x81\x8d\x81\nx\n", "x", "y", b"\x81\x8d\x81\ny\n"),
    no("a character that the encoding lacks", "größe = süß\n".encode("latin-1"), "süß", "界", "has no '界'"),
    no("a binary file", b"\x7fELF\0\0\0\1a", "a", "b", "not text"),
    no("half of UTF-16", b"\xff\xfea\0b", "a", "b", "damaged"),
]  # fmt: skip

FORM = [
    form("typographic double quotes", "say “hi” now\n", 'say "hi" now', 'say "hi" then', "say “hi” then\n"),
    form("typographic single quotes", "it’s here\n", "it's here", "it's there", "it’s there\n"),
    form("a dash", "a – b = c\n", "a - b = c", "a - b = d", "a – b = d\n"),
    form("an em dash", "wait—what now\n", "wait-what now", "wait-what then", "wait—what then\n"),
    form("a no-break space", "a\u00a0b = 1\n", "a b = 1", "a b = 2", "a\u00a0b = 2\n"),
    form("a narrow no-break space", "10\u202f000 a\n", "10 000 a", "10 000 b", "10\u202f000 b\n"),
    form("an ideographic space", "名前\u3000値\n", "名前 値", "名前 数", "名前\u3000数\n"),
    form("a zero-width space", "foo\u200bbar = 1\n", "foobar = 1", "foobar = 2", "foo\u200bbar = 2\n"),
    form("a soft hyphen", "co\u00adop = 1\n", "coop = 1", "coop = 2", "co\u00adop = 2\n"),
    form("a mark within", "a\ufeffb = 1\n", "ab = 1", "ab = 2", "a\ufeffb = 2\n"),
    form("an ellipsis", "wait… now\n", "wait... now", "wait... then", "wait… then\n"),
    form("full width", "Ａ＝１\n", "A=1", "A=2", "Ａ＝2\n"),
    form("a ligature", "ﬁle one\n", "file one", "file two", "ﬁle two\n"),
    form("decomposed in the file", "cafe\u0301 one\n", "café one", "café two", "cafe\u0301 two\n"),
    form("decomposed by the model", "café one\n", "cafe\u0301 one", "cafe\u0301 two", "café two\n"),
    form("Hangul in pieces", "한 one\n", "\u1112\u1161\u11ab one", "\u1112\u1161\u11ab two", "한 two\n"),
    form("spaces at a line end", "a  \nb\n", "a\nb", "a\nc", "a  \nc\n"),
    form("a tab at a line end", "a\t\nb\n", "a\nb", "a\nc", "a\t\nc\n"),
    form("the model's own trailing spaces", "a\nb\n", "a  \nb", "a  \nc", "a\nc\n"),
    form("blank lines with spaces", "a\n    \nb\n", "a\n\nb", "a\n\nc", "a\n    \nc\n"),
    form("with CRLF", b"a  \r\nb\r\n", "a\nb", "a\nc", b"a  \r\nc\r\n"),
    form("quotes in UTF-16", "\ufeff“a” b\n".encode("utf-16-le"), '"a" b', '"a" c', "\ufeff“a” c\n".encode("utf-16-le")),
    form("only what changes is written", "“a” – “b”\n", '"a" - "b"', '"a" - "c"', "“a” – “c”\n"),
    form("a prime", "5′ long\n", "5' long", "5' wide", "5′ wide\n"),
    form("added words stay as written", "“a”\nx\n", '"a"\nx', '"a"\n"b"\nx', '“a”\n"b"\nx\n'),
    form("a minus sign", "x = −1\n", "x = -1", "x = -2", "x = −2\n"),
    form("guillemets", "«a» b\n", '"a" b', '"a" c', "«a» c\n"),
    form("superscript", "m² big\n", "m2 big", "m2 huge", "m² huge\n"),
    no("half of an ellipsis", "wait…\n", "wait..", "stop", "not in the file"),
    no("a letter without its mark", "café au lait\n", "cafe au lait", "tea", "not in the file"),
    no("twice in this form", "“a” b\n“a” b\n", '"a" b', "x", "on lines 1, 2"),
    every("everywhere in this form", "“a” b\n“a” b\n", '"a" b', '"a" c', "“a” c\n“a” c\n", "form"),
]  # fmt: skip

LINES = [
    lines("spaces for tabs", TAB, "    if a {\n        return 1\n    }", "    if b {\n        return 1\n    }", TAB.replace("if a", "if b")),
    lines("tabs for spaces", PY, "\tif a:\n\t\treturn 1", "\tif a:\n\t\treturn 3", PY.replace("1", "3")),
    lines("a line more, for tabs", TAB, "    if a {\n        return 1\n    }", "    if a {\n        log()\n        return 1\n    }", TAB.replace("\t\treturn 1", "\t\tlog()\n\t\treturn 1")),
    lines("a deeper line, for tabs", TAB, "    if a {\n        return 1\n    }", "    if a {\n        for {\n            return 1\n        }\n    }", TAB.replace("\t\treturn 1", "\t\tfor {\n\t\t\treturn 1\n\t\t}")),
    lines("two spaces for four", PY, "  if a:\n    return 1", "  if a:\n    x = 1\n    return 1", PY.replace("        return 1", "        x = 1\n        return 1")),
    lines("four spaces for two", TWO, "    if (a) {\n        g();\n    }", "    if (a) {\n        g();\n        h();\n    }", TWO.replace("    g();", "    g();\n    h();")),
    lines("not indented at all", "class A:\n    def f(self):\n        return 1\n", "def f(self):\n    return 1\n", "def f(self):\n    x = 1\n    return x\n", "class A:\n    def f(self):\n        x = 1\n        return x\n"),
    lines("indented too much", "def f():\n    return 1\n", "    def f():\n        return 1\n", "    def f():\n        return 2\n", "def f():\n    return 2\n"),
    lines("a line above", PY, "\tif a:\n\t\treturn 1", "\tx = 1\n\tif a:\n\t\treturn 1", PY.replace("    if a", "    x = 1\n    if a")),
    lines("spaces within a line", "x  =  1\ny = 2\n", "x = 1\ny = 2", "x = 1\ny = 3", "x  =  1\ny = 3\n"),
    lines("a line goes", TAB, "    if a {\n        return 1\n    }\n", "", "func f() {\n\treturn 2\n}\n"),
    lines("one of two lines goes", PY, "\tif a:\n\t\treturn 1\n\treturn 2", "\tif a:\n\t\treturn 1", "def f(a):\n    if a:\n        return 1\n"),
    lines("blank lines around", TAB, "\n    if a {\n        return 1\n", "\n    if a {\n        return 5\n", TAB.replace("1", "5")),
    lines("with CRLF", TAB.replace("\n", "\r\n").encode(), "  if a {\n    return 1", "  if a {\n    x()\n    return 1", TAB.replace("\t\treturn 1", "\t\tx()\n\t\treturn 1").replace("\n", "\r\n").encode()),
    lines("quotes too", "\tsay(“hi”)\n\tx()\n", "    say(\"hi\")\n    x()", "    say(\"hi\")\n    y()", "\tsay(“hi”)\n\ty()\n"),
    lines("an else", PY, "\tif a:\n\t\treturn 1", "\tif a:\n\t\treturn 1\n\telse:\n\t\treturn 3", PY.replace("        return 1\n", "        return 1\n    else:\n        return 3\n")),
    lines("wrapped in a block", "\tg()\n\th()\nz\n", "    g()\n    h()", "    if a:\n        g()\n        h()", "\tif a:\n\t\tg()\n\t\th()\nz\n"),
    lines("one line, other indentation", "\treturn compute(x)\nz\n", "    return compute(x)", "    return compute(y)", "\treturn compute(y)\nz\n"),
    lines("a line kept with its odd spaces", "\tx = {'a':  1}\n\ty = 2\n", "    x = {'a': 1}\n    y = 2", "    x = {'a': 1}\n    y = 3", "\tx = {'a':  1}\n\ty = 3\n"),
    lines("no final newline", "if a:\n\tb", "if a:\n    b", "if a:\n    c", "if a:\n\tc"),
    lines("blank lines stay blank", PY, "\tif a:\n\t\treturn 1", "\tif a:\n\n\t\treturn 1", PY.replace("a:\n        return 1", "a:\n\n        return 1")),
    lines("continued below", "f(a,\n  b)\ng()\n", "f(a,\n    b)\ng()", "f(a,\n    b)\nh()", "f(a,\n  b)\nh()\n"),
    lines("in a list", "a:\n    - b\n    - c\n", "a:\n  - b\n  - c", "a:\n  - b\n  - c\n  - d", "a:\n    - b\n    - c\n    - d\n"),
    lines("deeper, in other steps", "a:\n    b:\n        c: 1\n", "a:\n  b:\n    c: 1", "a:\n  b:\n    c: 1\n    d:\n      e: 2", "a:\n    b:\n        c: 1\n        d:\n            e: 2\n"),
    lines("a blank line above goes", "f {\n\n\tgo(now)\n}\n", "\n    go(now)", "    go(now)", "f {\n\tgo(now)\n}\n"),
    lines("a blank line below goes", "f {\n\tgo(now)\n\n}\n", "    go(now)\n\n", "    go(now)\n", "f {\n\tgo(now)\n}\n"),
    lines("a line of less depth", TAB, "        return 1\n", "        return 1\n    // done\n", TAB.replace("return 1\n", "return 1\n\t// done\n")),
    lines("a line at the margin", "f\n\t\tg(1)\n", "        g(1)", "        g(1)\nh()", "f\n\t\tg(1)\nh()\n"),
    no("twice but for white space", "\tif a\n  if a\n", "    if a\n", "    if b\n", "on lines 1, 2"),
    no("indentation that means two things", "a\n\tb\n\t\tc\n", "a\nb\nc", "a\nb\nnew\nc", "not in the file"),
    every("everywhere but for white space", "\tgo(a)\n  x\n\t\tgo(a)\n", "    go(a)\n", "    go(b)\n", "\tgo(b)\n  x\n\t\tgo(b)\n", "lines"),
]  # fmt: skip

TOKENS = [
    tokens("spaces within a call", "call( a,b )\nz\n", "call(a, b)", "call(a, c)", "call( a,c )\nz\n"),
    tokens("a call on several lines", "call(first,\n     second)\n", "call(first, second)", "call(first, third)", "call(first,\n     third)\n"),
    tokens("a call on one line", "call(first, second)\n", "call(\n    first,\n    second)", "call(\n    first,\n    third)", "call(first, third)\n"),
    tokens("around operators", "total=price*count\n", "total = price * count", "total = price * number", "total=price*number\n"),
    tokens("part of a line", "    x = compute( a )  # why\n", "compute(a)", "compute(b)", "    x = compute( b )  # why\n"),
    tokens("in the middle of lines", "a = foo( 1,\n  2) + bar\n", "foo(1, 2) + bar", "foo(1, 3) + bar", "a = foo( 1,\n  3) + bar\n"),
    tokens("one more argument", "call(first,second)\n", "call(first, second)", "call(first, second, third)", "call(first,second, third)\n"),
    tokens("one argument less", "call( first,second )\n", "call(first, second)", "call(first)", "call( first )\n"),
    tokens("with quotes that look alike", "say(“hello”,x)\n", 'say("hello", x)', 'say("hello", y)', "say(“hello”,y)\n"),
    tokens("with CRLF", b"call(first,\r\n  second)\r\n", "call(first, second)", "call(first, third)", b"call(first,\r\n  third)\r\n"),
    tokens("HTML", "<p  class='a' >text</p>\n", "<p class='a'>text</p>", "<p class='a'>word</p>", "<p  class='a' >word</p>\n"),
    tokens("SQL", "SELECT a,b FROM   t\n", "SELECT a, b FROM t", "SELECT a, c FROM t", "SELECT a,c FROM   t\n"),
    tokens("a dictionary", "{'a':1,'b':2}\n", "{'a': 1, 'b': 2}", "{'a': 1, 'b': 3}", "{'a':1,'b':3}\n"),
    tokens("to nothing", "keep(x); drop( me )\n", "drop(me)", "", "keep(x); \n"),
    no("too little to be certain", "a( b )\n", "a(b)", "c", "not in the file"),
    no("a word that is another", "callfirst(second)\n", "call first (second)", "x", "not in the file"),
    no("twice by tokens", "call( a,b )\ncall( a,b )\n", "call(a, b)", "call(c)", "on lines 1, 2"),
    no("new lines that nothing indents", "if ready: go( now )\n", "if ready: go(now)", "if ready:\n    go(now)\n    stop(later)", "not in the file"),
]  # fmt: skip

ALIKE = [
    alike("a comment with a slip", LONG, LONG[:140].replace("customer", "custmer"), LONG[:140].replace("customer", "custmer").replace("sum(self", "max(self"), LONG.replace("sum(self", "max(self")),
    alike("a changed word in what stays", LONG, LONG.replace("prices are in cents", "prices are cents").replace("\n\n", "\n\n"), LONG.replace("prices are in cents", "prices are cents").replace("= []", "= None"), LONG.replace("= []", "= None")),
    alike("with CRLF", LONG.replace("\n", "\r\n").encode(), LONG.replace("customer wants", "customers want"), LONG.replace("customer wants", "customers want").replace("= []", "= None"), LONG.replace("= []", "= None").replace("\n", "\r\n").encode()),
    alike("with a line more", LONG, LONG.replace("wants to buy", "wants to by"), LONG.replace("wants to buy", "wants to by") + "        self.count = 0\n", LONG + "        self.count = 0\n"),
    alike("with a line less", LONG, LONG.replace("wants to buy", "wants to by"), LONG.replace("wants to buy", "wants to by").replace("        # prices are in cents\n", ""), LONG.replace("        # prices are in cents\n", "")),
    no("the changed line is another one", LONG, LONG.replace("sum(self.prices)", "sum(self.price)"), LONG.replace("sum(self.prices)", "max(self.price)"), "not in the file"),
    no("too much is another", LONG, LONG.replace("customer", "person").replace("cents", "dollars").replace("clear", "empty"), LONG.replace("= []", "= None"), "not in the file"),
    no("two lines are too few", "alpha beta gamma delta\nx = 1\n", "alpha beta gama delta\nx = 1", "alpha beta gama delta\nx = 2", "not in the file"),
    no("two places are alike", LONG + LONG, LONG.replace("to buy", "to by"), LONG.replace("to buy", "to by").replace("[]", "None"), "on lines 1, 9"),
]  # fmt: skip

NUMBERED = [
    Case("numbers of lines", "a = 1\nb = 2\n", "1\ta = 1\n2\tb = 2", "1\ta = 1\n2\tb = 3", "a = 1\nb = 3\n", "numbered"),
    Case("numbers in the old text alone", "a = 1\nb = 2\n", "2\tb = 2", "b = 3", "a = 1\nb = 3\n", "numbered"),
    Case("numbers that are the file's own", "1\ta\n2\tb\n", "1\ta\n2\tb", "1\ta\n2\tc", "1\ta\n2\tc\n"),
    no("numbers that are no line numbers", "a\nb\n", "7\ta\n3\tb", "x", "not in the file"),
]  # fmt: skip

REFUSED = [
    no("nothing to look for", "a\n", "", "b", "old_string is empty"),
    no("nothing to change", "a\n", "a", "a", "the same"),
    no("twice", "a\nb\na\n", "a", "c", "2 times, on lines 1, 3"),
    no("twice on one line", "a a\n", "a", "c", "on lines 1, 1"),
    no("overlapping", "aaa\n", "aa", "b", "2 times"),
    no("many times", "x\n" * 40, "x", "y", "40 times, on lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, …"),
    no("an empty file", "", "a", "b", "not in the file"),
    no("another case", "Hello there\n", "hello there", "x", "not in the file"),
    no("a misspelt name", "return compute_total(items)\n", "return compute_totals(item)", "x", "1\treturn compute_total(items)"),
    no("it is done already", "port = 8080  # http\n", "port = 80  # old", "port = 8080  # http", "new_string is there already, on line 1"),
    no("a tab is shown", "if a:\n\tif b:\n\t\tgo(x)\n", "if a:\n    if b:\n        stop(y)", "z", "2\t→if b:"),
    no("a trailing space is shown", "alpha = 1 \nbeta = 2\ngamma\n", "alpha = 1 \nbeta = 3", "z", "1\talpha = 1·"),
    no("the first difference is shown", "alpha = 1\nbeta = 2\n", "alpha = 1\nbeta = 3", "z", "differs on line 2"),
    no("nothing alike", "one\ntwo\n", "zebra crossing here", "x", "Nothing in it looks alike"),
    no("blank lines alone", "a\n  b\n", "\n\n\n", "x", "not in the file"),
]  # fmt: skip

EVERYWHERE = [
    every("every place", "a b a\n", "a", "x", "x b x\n"),
    every("a place that holds it twice", "aaaa\n", "aa", "b", "bb\n"),
    every("one place", "a b\n", "a", "x", "x b\n"),
    every("to nothing", "a,b,a,\n", "a,", "", "b,\n"),
    every("new text that holds the old", "a\na\n", "a", "aa", "aa\naa\n"),
    every("over lines", "a\nb\nc\na\nb\n", "a\nb\n", "x\n", "x\nc\nx\n"),
]

CASES = [*EXACT, *BYTES, *FORM, *LINES, *TOKENS, *ALIKE, *NUMBERED, *REFUSED, *EVERYWHERE]
