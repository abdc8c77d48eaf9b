# SPDX-License-Identifier: LGPL-2.1-or-later
"""The words of CONTRIBUTING.md's glossary that messages and documents avoid."""

import os
import re
from pathlib import Path

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
AVOIDED = re.compile(
    r"\b(tells?|told|looks?(?! (up|like)\b)|looked|stands?(?! for\b)|beside|nobody|somebody|whoever|anew|meanwhile|shall|for ever"
    r"|at the longest|in (its|one's) stead|it takes|takes no|(?<!there )(is|are) no(?! longer\b)|has to who)\b",
    re.IGNORECASE)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
RAW = re.compile(r'R"(\w*)\((.*?)\)\1"', re.DOTALL)
# Code of a shell, in which `words` is a name.
NOT_PROSE = {"src/manual/completions.cpp"}


def literals(text):
    """The string literals of a C++ source, each with its line."""
    for raw in RAW.finditer(text):
        yield text.count("\n", 0, raw.start()) + 1, raw[2]
    plain = RAW.sub(lambda raw: "\n" * raw[0].count("\n"), text)
    for number, line in enumerate(plain.splitlines(), 1):
        if not re.match(r"\s*(#include|//)", line):
            yield from ((number, found[1]) for found in LITERAL.finditer(line))


def prose(text):
    """The lines of a Markdown document that are not examples."""
    is_example = False
    for number, line in enumerate(text.splitlines(), 1):
        is_example ^= line.startswith("```")
        if not is_example and not line.startswith(("```", "    ")):
            yield number, re.sub(r"`[^`]*`", "", line)


def avoided(path, lines):
    return [f"{path.relative_to(ROOT)}:{number}: {found[0]!r} in: {line.strip()}"
            for number, line in lines for found in AVOIDED.finditer(line)]


def test_messages_and_help_use_plain_english():
    hits = []
    for path in sorted((ROOT / "src").rglob("*.?pp")):
        if str(path.relative_to(ROOT)) not in NOT_PROSE:
            hits += avoided(path, literals(path.read_text()))
    assert hits == []


def test_documents_use_plain_english():
    hits = []
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]:
        hits += avoided(path, prose(path.read_text()))
    assert hits == []


def test_the_check_finds_what_it_is_for():
    """One example of each kind of text."""
    source = 'x = "nobody shall look";\nauto y = R"(\nit takes root)";\n// "told"\n'
    assert [(number, AVOIDED.search(text)[0]) for number, text in literals(source)] == [(2, "it takes"), (1, "nobody")]
    assert [number for number, line in prose("a `told` b\n```\nnobody\n```\ntold\n") if AVOIDED.search(line)] == [5]
