"""Texts on their way into a page: escaped, and marked where a line may not break or a script needs care.

What is copied from the finished file is to be what was written. A word that breaks at a hyphen is read without it; Arabic
letters that are kerned, or stand close to the next word, are read with a space too many or too few.

Where lines run from right to left, signs go with the line: without care, C++ would be printed as ++C.
"""

import re

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

_LETTERS = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc"
_ARABIC = re.compile(f"[{_LETTERS}]+(?:[ \u200c\u200d]+[{_LETTERS}]+)*")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_STANDS_BY_ITSELF = re.compile(r"[^\W\d_](?:.*[^\W_])?", re.DOTALL)
SIGNED = re.compile(r"(?<![A-Za-z0-9_+#])[A-Za-z][A-Za-z0-9_.]*[+#]+[0-9]*(?![A-Za-z0-9_])")
"""Latin words with signs behind them, such as C++, C# and C++17."""
_MEASURED = re.compile(
    r"(?<![\w.,])\d[\d.,]* (?:%|‰|°C|€|£|\$|[kmµ]?g|[kcmµn]?m|[mµn]?s|h|min|m[lL]|ha|[kKMGT]B|[kMG]?Hz|[kMG]?W|[kM]?V)(?![\w/])"
)
_DASHES = "\N{EN DASH}\N{EM DASH}"
_DIVIDED = re.compile(rf"[^\s<>]*\w[-/|{_DASHES}]+\w[^\s<>]*")
_DIVISION = re.compile(rf"[^\s&;]?[-/|{_DASHES}]+[^\s&;]?")
_LONGEST_WHOLE = 18
"""Letters of a word that fits every column, so that it may go to the next line as a whole."""


@pass_context
def set_words(context: Context, value: object) -> object:
    """What a template prints, with its texts as HTML. What is HTML already, or no text, stays as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return directed(marked(value), value) if context["data"]["rtl"] else marked(value)


def directed(html: Markup, text: str) -> Markup:
    """The text, already HTML, as it stands among lines from right to left: in its own direction if that is the other one,
    and with signs where the words they belong to have them."""
    if runs_right_to_left(text):
        return Markup(SIGNED.sub(r'<span class="ltr">\g<0></span>', str(html)))  # noqa: S704 (HTML already)
    if not _LATIN.search(text) or _STANDS_BY_ITSELF.fullmatch(text):
        return html
    return Markup(f'<span class="ltr">{html}</span>')  # noqa: S704 (HTML already)


def marked(value: str) -> Markup:
    """The text as HTML, with what stays on a line marked, and what is Arabic."""
    text = str(escape(value))
    text = _MEASURED.sub(r'<span class="uncut">\g<0></span>', text)
    text = _ARABIC.sub(r'<span class="arabic">\g<0></span>', text)
    return Markup(_DIVIDED.sub(_undivided, text))  # noqa: S704 (escaped above; only spans are added)


def plain(text: str) -> Markup:
    """A text for an attribute or a title: escaped, and nothing else."""
    return escape(text)


def runs_right_to_left(text: str) -> bool:
    """Whether there is a letter of Hebrew, Arabic or another script that runs so."""
    return _RIGHT_TO_LEFT.search(text) is not None


def _undivided(word: re.Match[str]) -> str:
    if len(word[0]) <= _LONGEST_WHOLE:
        return f'<span class="uncut">{word[0]}</span>'
    return _DIVISION.sub(r'<span class="uncut">\g<0></span>', word[0])
