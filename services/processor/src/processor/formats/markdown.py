"""Markdown (CommonMark 0.31), in which every word of the content is a word: none of it becomes markup or HTML."""

import re

from processor.formats.blocks import Block, Part, blocks_of
from processor.formats.links import safe_href
from processor.formats.reading import Outlined

_BREAKS = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")
# What means something anywhere in a line; `~`, `|` and `$` do in the dialects of those who publish Markdown.
_ANYWHERE = re.compile(r"[\\`*_\[\]<>&~|$]")
# What means something where a line begins: headings, lists, rules, underlines of headings.
_AT_START = re.compile(r"(?P<number>\d{1,9})(?P<end>[.)])|(?P<sign>[#+=:-])")
_AT_END = re.compile(r"(?<!\\)(#+)\Z")
_LEVELS = {"name": "# ", "heading": "## ", "entry": "### "}
_LISTED = frozenset({"contact", "bullet", "term"})


def write_markdown(outline: Outlined) -> str:
    text, before = "", ""
    for block in blocks_of(outline):
        if before:
            text += "\n" if block.role == before and before in _LISTED else "\n\n"
        text += _block(block)
        before = block.role
    return text + "\n"


def escaped(text: str) -> str:
    """`text` so that it says itself wherever it stands in a line."""
    plain = _ANYWHERE.sub(_escape, _BREAKS.sub(" ", text).strip())
    if start := _AT_START.match(plain):
        sign = start["end"] or start["sign"]
        plain = f"{start['number'] or ''}\\{sign}{plain[start.end() :]}"
    return _AT_END.sub(lambda end: "\\#" * len(end[1]), plain)


def _block(block: Block) -> str:
    said = [*(_part(part) for part in block.parts if part.text), *filter(None, [escaped(block.dates)])]
    match block.role:
        case "name" | "heading" | "entry":
            return _LEVELS[block.role] + " ".join(said)
        case "address":
            return "\\\n".join(said)  # a line each
        case "term":
            return "- " + _term(block, said)
        case "bullet" | "contact":
            return "- " + ", ".join(said)
        case "quote":
            return "> " + " ".join(said)
        case "tagline":
            return f"*{' '.join(said)}*"
        case _:
            return " · ".join(said)


def _term(block: Block, said: list[str]) -> str:
    head = f"**{escaped(block.head)}**" if block.head else ""
    note = f"({escaped(block.note)})" if block.head and block.note else escaped(block.note)
    return ": ".join(filter(None, [" ".join(filter(None, [head, note])), " · ".join(said)]))


def _part(part: Part) -> str:
    text = escaped(part.text)
    if href := safe_href(part.href):
        text = f"[{text}](<{_ANYWHERE.sub(_escape, href)}>)"
    return f"{escaped(part.label)}: {text}" if part.label else text


def _escape(sign: re.Match[str]) -> str:
    return f"\\{sign[0]}"
