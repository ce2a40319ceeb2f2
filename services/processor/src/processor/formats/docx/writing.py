"""A resume or letter as a Word document, block by block."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE

from processor.formats.blocks import Block, Part, blocks_of
from processor.formats.docx import looks, packages
from processor.formats.docx.paragraphs import Paragraph
from processor.formats.links import safe_href
from processor.formats.reading import Outlined
from processor.rendering.documents import Document

_STYLES = {
    "name": "Title",
    "headline": "Subtitle",
    "contact": "Contact",
    "heading": "Heading1",
    "entry": "Heading2",
    "details": "Details",
    "tagline": "Tagline",
    "bullet": "ListBullet",
    "quote": "Quote",
    "address": "Recipient",
    "date": "Date",
    "closing": "Closing",
    "signature": "Signature",
}
_BETWEEN = " | "


def write_docx(outline: Outlined, document: Document, options: Mapping[str, Any]) -> bytes:
    """The file, the same bytes for the same input."""
    word = packages.empty()
    looks.set_looks(word, outline, document.language, options)
    looks.set_properties(word, outline, document.language, document.made_on)
    _Writer(word, is_rtl=outline.rtl).write(blocks_of(outline))
    if options.get("pageNumbers", True):
        _number_pages(word, outline)
    return packages.saved(word)


class _Writer:
    def __init__(self, word: WordDocument, *, is_rtl: bool) -> None:
        self._word, self._is_rtl = word, is_rtl
        self._width = looks.text_width(word)

    def write(self, blocks: Iterable[Block]) -> None:
        """Put the blocks before the properties of the section, which come last."""
        end = self._word.element.body.sectPr
        for role, group in groupby(blocks, key=lambda block: block.role):
            for block in [_together(list(group))] if role == "contact" else group:
                end.addprevious(self._paragraph(block).element)

    def _paragraph(self, block: Block) -> Paragraph:
        paragraph = Paragraph(
            _STYLES.get(block.role, "Normal"),
            is_rtl=self._is_rtl,
            stays=block.stays,
            starts_page=block.starts_page,
            tab=self._width if block.dates and block.parts else None,
        )
        if block.head:
            paragraph.say(block.head, is_strong=True)
        if block.note:
            paragraph.say(f" ({block.note})" if block.head else block.note)
        if block.parts and (block.head or block.note):
            paragraph.say(": ")
        self._say_all(paragraph, block)
        return paragraph

    def _say_all(self, paragraph: Paragraph, block: Block) -> None:
        for number, part in enumerate(block.parts):
            if number and block.role == "address":
                paragraph.new_line()
            elif number:
                paragraph.say(_BETWEEN)
            self._say(paragraph, part)
        if block.dates:
            if block.parts:
                paragraph.new_column()
            paragraph.say(block.dates)

    def _say(self, paragraph: Paragraph, part: Part) -> None:
        if part.label and not part.is_plain:
            paragraph.say(f"{part.label}: ")
        target = safe_href(part.href)
        link = (
            self._word.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True) if target else ""
        )
        paragraph.say(part.text, link=link)


def _together(blocks: Sequence[Block]) -> Block:
    return Block("contact", [part for block in blocks for part in block.parts])


def _number_pages(word: WordDocument, outline: Outlined) -> None:
    """Name and page number at the head of every page but the first."""
    section = word.sections[0]
    section.different_first_page_header_footer = True
    header = section.header
    header.is_linked_to_previous = False
    paragraph = Paragraph("Header", is_rtl=outline.rtl, tab=looks.text_width(word))
    paragraph.say(outline.name or outline.title)
    paragraph.new_column()
    paragraph.say_page_number()
    root = header.part.element
    for old in list(root):
        root.remove(old)
    root.append(paragraph.element)
