"""Locators: a passage of a source named by paragraph and span, checked by its hash.

The text of a source is not in the repository. A span counts code points of one line of the file
as hashed; the hash is taken of the passage in a normal form, so that another copy can be checked.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping

DROPPED = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060*"))
# curly, low, angle and corner quotation marks, and the wide one
QUOTES = dict.fromkeys(map(ord, "“”„‟«»\u300c\u300d\u300e\u300f\uff02"), '"')

# characters that are not seen -> their numbers; what joins or parts letters stays: scripts need it
_RANGES = (
    "00-08 0E-1F 7F-84 86-9F 115F-1160 202A-202E 2060-206F 2800-2800 3164-3164 FEFF-FEFF FFA0-FFA0 "
    "FFF9-FFFB D800-DFFF E0000-E007F"
)
_ENDS = ([int(end, 16) for end in each.split("-")] for each in _RANGES.split())
UNSEEN = {n: f"[U+{n:04X}]" for first, last in _ENDS for n in range(first, last + 1)}
# and what breaks a line
ONE_LINE = UNSEEN | dict.fromkeys((*range(0x09, 0x0E), 0x85, 0x2028, 0x2029), " ")


def normal_form(passage: str) -> str:
    """Return the passage under NFKC, without white space, zero-width marks, `*`; one quote sign."""
    text = unicodedata.normalize("NFKC", passage).translate(QUOTES).translate(DROPPED)
    return "".join(text.split())


def passage(text: str, paragraph: int, span: str) -> str:
    """Return `span` (`start:end`) of a paragraph, numbered from 1; a ValueError if it has none."""
    lines = text.split("\n")
    if not 1 <= paragraph <= len(lines):
        raise ValueError(f"paragraph {paragraph}: the text has {len(lines)}")
    line = lines[paragraph - 1]
    start, end = (int(part) for part in span.split(":"))
    if not 0 <= start < end <= len(line):
        raise ValueError(f"paragraph {paragraph}: span {span} leaves its {len(line)} characters")
    return line[start:end]


def span_hash(text: str, paragraph: int, span: str) -> str:
    """Return the SHA-256 of a passage in normal form."""
    return hashlib.sha256(normal_form(passage(text, paragraph, span)).encode()).hexdigest()


def check_locators(rows: Iterable[Mapping[str, str]], text: str) -> list[str]:
    """Return a problem for each row whose span, hash or term does not hold in the text."""
    problems = []
    for row in rows:
        if not row["span"]:
            continue
        place = f"{row['pilot_id']}: paragraph {row['paragraph']}, span {row['span']}"
        try:
            found = passage(text, int(row["paragraph"]), row["span"])
        except ValueError as error:
            problems.append(f"{place}: {error}")
            continue
        if span_hash(text, int(row["paragraph"]), row["span"]) != row["span_sha256"]:
            problems.append(f"{place}: the passage has another hash")
        if row["term"] and normal_form(row["term"]) not in normal_form(found):
            problems.append(f"{place}: term {row['term']!r} is not in the passage")
    return problems
