"""Files of HTML templates follow PDF/UA-1 as far as a program can tell (the Matterhorn Protocol), read by another library."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFObjRef, resolve1
from PIL import Image
from processor_standins.engine import Engine

from processor.rendering import Template
from processor.rendering.documents import LETTER, Photo
from processor.rendering.html.accessible import mark_artifacts

PAINTS = re.compile(rb"(?:^|\s)(?:f\*?|F|S|s|B\*?|b\*?|Do|sh|Tj|TJ)$")
STANDARD = {
    "Document", "Art", "Sect", "Div", "BlockQuote", "NonStruct", "P", "H1", "H2", "H3", "L", "LI", "Lbl", "LBody", "Span",
    "Link", "Figure", "Note",
}  # fmt: skip


class Element:
    """An element of the structure: its kind by the standard, its kids, and what it shows (page, mark)."""

    def __init__(self, node: dict[str, Any], roles: dict[str, Any]) -> None:
        name = node["S"].name
        self.kind = roles[name].name if name in roles else name
        self.node, self.kids, self.marks, self.annotations = node, [], [], []
        kids = resolve1(node.get("K", []))
        for kid in kids if isinstance(kids, list) else [kids]:
            found = resolve1(kid)
            if isinstance(found, int):
                self.marks.append((node["Pg"].objid, found))
            elif "MCID" in found:
                self.marks.append((found["Pg"].objid, found["MCID"]))
            elif "Obj" in found:
                self.annotations.append(found["Obj"].objid)
            else:
                self.kids.append(Element(found, roles))

    def walk(self) -> Iterator["Element"]:
        yield self
        for kid in self.kids:
            yield from kid.walk()


def marks_of(content: bytes) -> Iterator[int]:
    """The marks in the content of a page; fails when something is painted outside of all."""
    depth = 0
    for line in content.splitlines():
        if found := re.search(rb"/MCID (\d+) ?>>\s*BDC$", line):
            assert depth == 0
            yield int(found[1])
        if line.endswith((b"BDC", b"BMC")):
            depth += 1
        elif line == b"EMC":
            depth -= 1
        assert depth >= 0
        assert depth or not PAINTS.search(line), line
    assert depth == 0


def check(pdf: bytes, *, title: str, language: str) -> list[Element]:
    """Hold the file against what PDF/UA-1 asks for; its elements in the order of reading."""
    document = PDFDocument(PDFParser(io.BytesIO(pdf)))
    catalog = document.catalog
    metadata = resolve1(catalog["Metadata"]).get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert f'<rdf:li xml:lang="x-default">{title}</rdf:li>' in metadata
    assert resolve1(catalog["MarkInfo"])["Marked"] is True
    assert resolve1(catalog["ViewerPreferences"])["DisplayDocTitle"] is True
    assert catalog["Lang"].decode() == language

    tree = resolve1(catalog["StructTreeRoot"])
    elements = list(Element(resolve1(tree["K"]), resolve1(tree["RoleMap"])).walk())
    shown = sorted(mark for element in elements for mark in element.marks)
    pages = list(PDFPage.create_pages(document))
    painted = [
        (page.pageid, mark) for page in pages for mark in marks_of(resolve1(page.contents[0]).get_data())
    ]
    assert shown == sorted(painted)
    assert len(shown) == len(set(shown))
    for page in pages:
        check_annotations(page, elements)
        for font in resolve1(page.resources["Font"]).values():
            check_font(resolve1(font))
    check_structure(elements)
    return elements


def check_annotations(page: PDFPage, elements: list[Element]) -> None:
    links = {objid for element in elements if element.kind == "Link" for objid in element.annotations}
    for reference in resolve1(page.annots) or []:
        annotation = resolve1(reference)
        assert isinstance(reference, PDFObjRef)
        assert reference.objid in links
        assert annotation["Contents"]
        assert "StructParent" in annotation
    assert page.attrs["Tabs"].name == "S"


def check_font(font: dict[str, Any]) -> None:
    assert "ToUnicode" in font
    if font["Subtype"].name == "Type0":
        descendant = resolve1(resolve1(font["DescendantFonts"])[0])
        descriptor = resolve1(descendant["FontDescriptor"])
        assert "FontFile2" in descriptor or "FontFile3" in descriptor
        assert descendant["Subtype"].name != "CIDFontType2" or "CIDToGIDMap" in descendant


def check_structure(elements: list[Element]) -> None:
    assert {element.kind for element in elements} <= STANDARD
    level = 0
    for element in elements:
        if element.kind.startswith("H"):
            assert int(element.kind[1]) <= level + 1
            level = int(element.kind[1])
        if element.kind == "L":
            assert {kid.kind for kid in element.kids} <= {"LI"}
        if element.kind == "LI":
            assert {kid.kind for kid in element.kids} <= {"Lbl", "LBody"}
            assert not element.marks
        if element.kind == "Figure":
            assert element.node["Alt"]


async def test_files_are_accessible_to_everybody(
    engine: Engine, html_template: Template, document: Callable[[str], dict[str, Any]]
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (600, 600), "#336699").save(buffer, "JPEG")
    made = await engine.made(
        html_template, document("complete"), {}, title="Zoë & co", photo=Photo(buffer.getvalue(), 600, 600)
    )
    assert "not_accessible" not in {warning.code for warning in made.warnings}
    elements = check(made.files[0], title="Zoë &amp; co", language="en")
    kinds = {element.kind for element in elements}
    assert kinds >= {"H1", "H2", "H3", "L", "LI", "LBody", "Link", "Figure", "P", "BlockQuote"}


async def test_letters_and_resumes_without_a_name_are_accessible_too(
    engine: Engine, html_template: Template
) -> None:
    letter = {"basics": {"name": "Ada"}, "subject": "An engine", "paragraphs": ["Words."]}
    made = await engine.made(html_template, letter, {}, kind=LETTER, language="de-AT")
    check(made.files[0], title="An engine", language="de-AT")
    nameless = {"work": [{"position": "Poet", "highlights": ["Rhymed"], "url": "https://poems.example/(x)"}]}
    check((await engine.made(html_template, nameless, {})).files[0], title="Resume", language="en")


async def test_a_file_with_signs_that_nobody_can_read_says_that_it_is_not_accessible(
    engine: Engine, banner: Template
) -> None:
    made = await engine.made(banner, {"basics": {"name": "Ada", "summary": "Clay: \U00012000"}}, {})
    assert {warning.code for warning in made.warnings} == {"missing_glyphs", "not_accessible"}
    assert b"pdfuaid" not in made.files[0]


def test_what_is_painted_outside_of_marks_becomes_an_artifact() -> None:
    content = b"q\n0 0 9 9 re\nW* n\n0 0 5 5 re\nf\n/P <</MCID 0 >>BDC\nBT\n<01> Tj\nET\n1 1 m\n2 2 l\nS\nEMC\n/X1 Do\nBT\n<02> Tj\nET\nQ\n"
    assert mark_artifacts(content) == (
        b"q\n0 0 9 9 re\nW* n\n/Artifact BMC\n0 0 5 5 re\nf\nEMC\n/P <</MCID 0 >>BDC\nBT\n<01> Tj\nET\n1 1 m\n2 2 l\nS\nEMC\n"
        b"/Artifact BMC\n/X1 Do\nEMC\n/Artifact BMC\nBT\n<02> Tj\nET\nEMC\nQ\n"
    )


async def test_a_file_says_whose_document_it_is(engine: Engine, html_template: Template) -> None:
    pdf = await engine.pdf(html_template, {"basics": {"name": "Zoë <O'Neill>"}}, {}, title="Résumé")
    document = PDFDocument(PDFParser(io.BytesIO(pdf)))
    assert text_of_information(document, "Author") == "Zoë <O'Neill>"
    metadata = resolve1(document.catalog["Metadata"]).get_data().decode()
    assert "<dc:creator><rdf:Seq><rdf:li>Zoë &lt;O'Neill&gt;</rdf:li></rdf:Seq></dc:creator>" in metadata


def text_of_information(document: PDFDocument, name: str) -> str:
    return bytes(document.info[0][name]).removeprefix(b"\xfe\xff").decode("utf-16-be")
