"""Words as they are compared: without case, diacritics and forms of one letter, the same in every database.

Scripts that put no spaces between words are taken letter by letter, so that any run of them is found. `C++` and `C#`
keep their signs.
"""

import re
import unicodedata

LONGEST_WORD = 100
BETWEEN = "¶"
"""Stands between the words of two texts, so that no phrase reaches from one into the other. No text has it as a word."""

_ASCII_WORD = re.compile(r"[a-z0-9]+")
_SIGNS = re.compile(r"(?<=[^\W_]|[\u0300-\u036f\u3099\u309a])[+#]{1,2}(?![^\W_])")
_MOST_MARKS = 30
"""Marks on one letter that are looked at (as in the Stream-Safe Text Format of UAX #15): to put more of them in order
takes a time that grows with their square."""
_HIDDEN_MARKS = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")  # no marks, until they are decomposed
_SPELT_SIGNS = str.maketrans("+#", "\N{HEAVY PLUS SIGN}\N{VIEWDATA SQUARE}")
_KEPT_MARKS = {0, 7, 8, 9}  # combining classes: vowel signs, nukta, the voicing of kana, virama
_NOT_WRITTEN = {"\u00ad", "\u0640"} | {chr(code) for code in range(0xFE00, 0xFE10)}
_OTHER_LETTERS = str.maketrans(
    {
        "\u0131": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ħ": "h",
        "ŧ": "t",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
    }
)
_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x31FF),  # kana, bopomofo
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def words(text: str) -> list[str]:
    """The words of `text`, in order. They consist of ASCII letters and digits, lower case, and of characters beyond
    ASCII. Its lines are texts of their own."""
    marked = _mark_signs(bounded(text))
    if marked.isascii():
        spelt = " ¶ ".join(" ".join(_ASCII_WORD.findall(line)) for line in marked.lower().split("\n"))
    else:
        spelt = unicodedata.normalize("NFKC", marked).translate(_SPELLING)
    return [word[:LONGEST_WORD] for word in spelt.split()]


def placed(text: str) -> list[tuple[str, int, int]]:
    """The words of one line with where each begins and ends in it."""
    marked = _mark_signs(text)
    if marked.isascii():
        return [(found[0], found.start(), found.end()) for found in _ASCII_WORD.finditer(marked.lower())]
    found: list[tuple[str, int, int]] = []
    is_open = False
    for start, end in _characters(marked):
        for letter in unicodedata.normalize("NFKC", bounded(marked[start:end])).translate(_SPELLING):
            if letter == " ":
                is_open = False
            elif is_open:
                word, begin, _ = found[-1]
                found[-1] = (word + letter if len(word) < LONGEST_WORD else word, begin, end)
            else:
                found.append((letter, start, end))
                is_open = True
    return [(word[:LONGEST_WORD], start, end) for word, start, end in found]


def sort_key(text: str) -> str:
    """What `text` is sorted by, byte by byte: its letters without case and diacritics."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", bounded(text)).casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))[:200]


def bounded(text: str) -> str:
    """`text` without the marks that are too many on one letter."""
    if text.isascii():
        return text
    kept, marks = list[str](), 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) or letter in _HIDDEN_MARKS else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def _mark_signs(text: str) -> str:
    return _SIGNS.sub(lambda found: found[0].translate(_SPELT_SIGNS), text)


def _characters(text: str) -> list[tuple[int, int]]:
    """Where each character begins and ends, with the marks that belong to it."""
    starts = [place for place, c in enumerate(text) if place == 0 or not unicodedata.combining(c)]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


class _Spelling(dict[int, str]):
    """How each character is spelt, for `str.translate`; remembers those that are usual."""

    def __missing__(self, code: int) -> str:
        spelt = "".join(_spell(letter) for letter in _plain(chr(code)))
        if code < 0x3000:
            self[code] = spelt
        return spelt


def _plain(character: str) -> str:
    """Its letters without case and diacritics, together again where that is their usual form."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = "".join(c for c in letters if unicodedata.combining(c) in _KEPT_MARKS)
    return unicodedata.normalize("NFKC", kept).translate(_OTHER_LETTERS)


def _spell(letter: str) -> str:
    if letter == "\n":
        return f" {BETWEEN} "
    if letter in _NOT_WRITTEN:
        return ""
    category = unicodedata.category(letter)
    if category == "So" or (category[0] in "LMN" and _stands_alone(letter)):
        return f" {letter} "
    return letter if category[0] in "LMN" else " "


def _stands_alone(letter: str) -> bool:
    code = ord(letter)
    return code >= 0x0E00 and any(first <= code <= last for first, last in _WITHOUT_SPACES)


_SPELLING = _Spelling()
