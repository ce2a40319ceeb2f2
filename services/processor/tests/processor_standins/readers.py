"""Readers of the files that we write, none of which shares code with what writes them."""

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import docx
from docx.text.paragraph import Paragraph
from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = {
    "heading_open",
    "heading_close",
    "paragraph_open",
    "paragraph_close",
    "bullet_list_open",
    "bullet_list_close",
    "list_item_open",
    "list_item_close",
    "blockquote_open",
    "blockquote_close",
    "inline",
}
_INLINE = {
    "text",
    "strong_open",
    "strong_close",
    "em_open",
    "em_close",
    "link_open",
    "link_close",
    "hardbreak",
}


_DATE = re.compile(r"\d{4}(-\d\d){0,2}(T.*)?")
_NOT_SHOWN = {"$schema", "meta", "image", "picture"}


def strings_of(value: object) -> Iterator[str]:
    """Every string that must be found: all but dates, which are written in words, and what is never shown."""
    if isinstance(value, dict):
        for name, child in value.items():
            if name not in _NOT_SHOWN:
                yield from strings_of(child)
    elif isinstance(value, list):
        for child in value:
            yield from strings_of(child)
    elif isinstance(value, str) and not _DATE.fullmatch(value):
        yield value


def read(format: str, data: bytes) -> str:
    """The words of a file as its reader sees them, in order."""
    if format == "docx":
        return "\n".join(paragraph.text for paragraph in paragraphs(data))
    if format == "html":
        return "\n".join(Page(data.decode()).texts)
    if format == "md":
        return "\n".join(text for _, text in blocks(data.decode()))
    return data.decode()


def squeezed(text: str) -> str:
    """Without white space, which lines that are wrapped have more of."""
    return re.sub(r"\s", "", text)


def paragraphs(data: bytes) -> list[Paragraph]:
    return list(docx.Document(io.BytesIO(data)).paragraphs)


def blocks(markdown: str) -> list[tuple[str, str]]:
    """Every block of Markdown: what it is, and its text. Fails if there is anything that we do not write."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    assert {token.type for token in tokens} <= _MARKDOWN
    found = []
    for before, token in zip([Token("", "", 0), *tokens], tokens, strict=False):
        if token.type == "inline":
            assert {child.type for child in token.children or []} <= _INLINE
            text = "".join(
                "\n" if child.type == "hardbreak" else child.content for child in token.children or []
            )
            found.append((before.tag, text))
    return found


def links(markdown: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(markdown)
    inline = [child for token in tokens for child in token.children or []]
    return [str(child.attrs["href"]) for child in inline if child.type == "link_open"]


class Page(HTMLParser):
    """A web page: the texts of its body in order, and every element with its attributes."""

    _VOID = frozenset({"meta", "br", "img", "link"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in self._VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "body" in self._open:
            self.texts.append(data)
        elif self._open[-1:] == ["title"]:
            self.title += data

    def named(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.elements if name == tag)
