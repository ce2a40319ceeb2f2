"""Rich text (HTML) as plain text and lists, without losing a word or a link."""

import html
import re
from collections.abc import Iterator

import msgspec

# Read tag by tag, which takes as long as the text is: of whole parsers of HTML some take hours for tags that are nested
# a hundred thousand times. What was read of a tag is not read again. Nothing of this is ever shown as HTML.
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*+)(?P<attributes>[^<>]*+)>")
_ATTRIBUTE = re.compile(r"""\b(href|src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v\xa0\n]+")
# No character has such a number (HTML: U+FFFD), and none of over 4300 digits can be read.
_NUMBERLESS = re.compile(r"&#[0-9]{100,}+;?")
_LISTS = frozenset({"ul", "ol"})
_BLOCKS = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "tr", "td", "th", "hr"}
)
_DEEPEST = 9


def unescape(written: str) -> str:
    """Text with the characters that references (`&amp;`, `&#38;`) stand for."""
    return html.unescape(_NUMBERLESS.sub("\ufffd", written))


class Block(msgspec.Struct):
    """A paragraph, or an item of a list at `depth` (1 for the outermost), which may have several lines."""

    lines: list[str]
    depth: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Prose(msgspec.Struct, frozen=True):
    """Paragraphs parted by empty lines, and the list that follows them if there is one."""

    text: str = ""
    highlights: list[str] = []


def read(written: str) -> Prose:
    """The words of `written`, which may be HTML. A list at its end becomes highlights; any other stays in the text,
    where its place among the paragraphs says something."""
    blocks = _blocks(written)
    first = next((index for index, block in enumerate(blocks) if block.depth), len(blocks))
    if any(not block.depth for block in blocks[first:]):
        return Prose(_joined(blocks))
    return Prose(_joined(blocks[:first]), _nested(blocks[first:]))


def text(written: str) -> str:
    """The words of `written` as text, lists too."""
    return _joined(_blocks(written))


def _blocks(written: str) -> list[Block]:
    written = _without_comments(written)
    if not _TAG.search(written):
        plain = unescape(written).strip()
        return [Block([plain])] if plain else []
    reader, end = _Reader(), 0
    for tag in _TAG.finditer(written):
        reader.say(written[end : tag.start()])
        (reader.close if tag["end"] else reader.open)(tag["name"].lower(), tag["attributes"])
        end = tag.end()
    reader.say(written[end:])
    reader.close("a", "")
    reader.flush()
    return reader.blocks


def _without_comments(written: str) -> str:
    return "".join(_between_comments(written))


def _between_comments(written: str) -> Iterator[str]:
    start = 0
    while (opened := written.find("<!--", start)) >= 0 and (closed := written.find("-->", opened)) >= 0:
        yield written[start:opened]
        start = closed + 3
    yield written[start:]


def _joined(blocks: list[Block]) -> str:
    """All blocks as text: paragraphs parted by empty lines, items of one list by line breaks."""
    lines: list[str] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        if before is not None:
            lines.append("\n" if before.depth and block.depth else "\n\n")
        lines.append("  " * (block.depth - 1) + "• " + block.text if block.depth else block.text)
    return "".join(lines)


def _nested(blocks: list[Block]) -> list[str]:
    """The items of the outermost lists, each with the items inside it."""
    found: list[list[str]] = []
    for block in blocks:
        if block.depth > 1 and found:
            found[-1].append("  " * (block.depth - 1) + "- " + block.text)
        else:
            found.append([block.text])
    return ["\n".join(lines) for lines in found]


class _Reader:
    """Gathers blocks from tags and the text between them."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._words: list[str] = []
        self._depth = 0
        self._opens_item = False
        self._link: tuple[str, int] | None = None

    def open(self, tag: str, attributes: str) -> None:
        if tag in _LISTS or tag in _BLOCKS or tag == "li":
            self.flush()
        if tag in _LISTS:
            self._depth += 1
        elif tag == "li":
            self._opens_item = True
        elif tag == "br":
            self._words.append("\x00")
        elif tag == "a":
            if self._link is not None:
                self._close_link(*self._link)
            self._link = (_attributes(attributes).get("href", ""), len(self._words))
        elif tag == "img":
            given = _attributes(attributes)
            self._words.append(" ".join(filter(None, [given.get("alt"), given.get("src")])))

    def close(self, tag: str, _attributes: str) -> None:
        if tag == "a" and self._link is not None:
            self._close_link(*self._link)
        elif tag in _LISTS or tag in _BLOCKS or tag == "li":
            self.flush()
        if tag in _LISTS:
            self._depth = max(0, self._depth - 1)

    def say(self, data: str) -> None:
        if data:
            self._words.append(_SPACES.sub(" ", unescape(data).replace("\x00", "")))

    def flush(self) -> None:
        """Ends the block at hand."""
        lines = (" ".join(line.split()) for line in "".join(self._words).split("\x00"))
        text = "\n".join(lines).strip()
        self._words.clear()
        self._link = None if self._link is None else (self._link[0], 0)
        if not text:
            return
        if self._depth and not self._opens_item and self.blocks and self.blocks[-1].depth:
            self.blocks[-1].lines.append(text)
        else:
            self.blocks.append(Block([text], min(self._depth, _DEEPEST)))
        self._opens_item = False

    def _close_link(self, address: str, start: int) -> None:
        """Says where a link leads, unless its words do."""
        self._link = None
        said = "".join(self._words[start:])
        if address.removeprefix("mailto:").removeprefix("tel:") not in said:
            self._words.append(f" ({address})" if said.strip() else address)


def _attributes(written: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(written)
    return {name.lower(): unescape(one or two or three).strip() for name, one, two, three in found}
