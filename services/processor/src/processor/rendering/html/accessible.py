"""What a tagged PDF of Chromium lacks for PDF/UA-1 (ISO 14289-1), added where all that it shows can be read.

Chromium tags what is read and gives title and language. Added here: what is not read is marked so (7.1), lists and headings
have the shape that readers expect (7.4.2, 7.6), links have a description (7.18.5), and the file says that it follows (5).
"""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from processor.rendering.html.objects import Objects, text_of

_BEGINS_PATH = (b" m", b" re")
_PAINTS = {b"f", b"f*", b"F", b"S", b"s", b"B", b"B*", b"b", b"b*"}
_CLIPS = {b"n", b"W n", b"W* n"}
_MARK, _UNMARK = b"/Artifact BMC", b"EMC"
_ELEMENT = re.compile(rb"/Type /StructElem\s*/S /(\w+)")
_HEADING = re.compile(rb"(?<=/S /H)(\d)")
_KIDS = re.compile(rb"/K (\[[^\]]*\]|\d+ 0 R)")
_PARENT = re.compile(rb"/P (\d+) 0 R")
_URI = re.compile(rb"/URI (\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]*>)", re.DOTALL)
_TITLE = re.compile(rb"/Title (\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]*>)", re.DOTALL)
# Kinds of PDF 2.0, in the words of those that PDF 1.7 has.
_ROLES = b"/RoleMap <</Aside /Div /Em /Span /Strong /Span /Title /H1 /Sub /Span /FENote /Note>>"
_METADATA = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>{creator}
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_CREATOR = "\n<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>"


def mark_artifacts(content: bytes) -> bytes:
    """The content of a page with all that is painted outside of any mark, such as backgrounds and page numbers, as artifacts."""
    return b"\n".join(_marked(content.splitlines())) + b"\n"


def _marked(lines: list[bytes]) -> Iterator[bytes]:
    depth = 0
    held: list[bytes] = []
    for line in lines:
        if held:
            held.append(line)
            if line == b"ET" or (held[0] != b"BT" and line in _PAINTS | _CLIPS):
                yield from [_MARK, *held, _UNMARK] if line == b"ET" or line in _PAINTS else held
                held = []
        elif not depth and (line == b"BT" or line.endswith(_BEGINS_PATH)):
            held = [line]
        elif not depth and line.endswith((b" Do", b" sh")):
            yield from [_MARK, line, _UNMARK]
        else:
            depth += line.endswith((b"BDC", b"BMC")) - (line == _UNMARK)
            yield line
    yield from held


def make_accessible(objects: Objects, *, author: str = "") -> bool:
    """Complete the structure and say that the file follows PDF/UA-1; whether that was possible. Items of lists that have a
    label of their own are not taken apart: templates draw theirs."""
    elements = {number: found[1] for number in objects if (found := _ELEMENT.search(objects[number]))}
    title = _TITLE.search(objects[objects.trailer_reference(b"Info")])
    if title is None or b"Lbl" in elements.values():
        return False
    if b"H1" not in elements.values():
        for number in elements:
            objects[number] = _HEADING.sub(lambda level: b"%d" % (int(level[1]) - 1), objects[number])
    for number, kind in elements.items():
        if kind == b"LI":
            _give_body(objects, number)
    for number in list(objects):
        if b"/Subtype /Link" in objects[number] and (address := _URI.search(objects[number])):
            objects[number] = objects[number].replace(
                b"/Subtype /Link", b"/Subtype /Link\n/Contents " + address[1], 1
            )
        elif b"/Type /StructTreeRoot" in objects[number]:
            objects[number] = objects[number].replace(
                b"/Type /StructTreeRoot", b"/Type /StructTreeRoot\n" + _ROLES, 1
            )
    _say_so(objects, text_of(title[1]), author)
    return True


def _give_body(objects: Objects, item: int) -> None:
    """Put an item of a list into another: what it says is the body of that, and stays known to the page by its number."""
    parent = _PARENT.search(objects[item])
    if parent is None:
        raise ValueError("an item of a list that is not as usual")
    outer = objects.add(b"<</Type /StructElem\n/S /LI\n/P %d 0 R\n/K %d 0 R>>" % (int(parent[1]), item))
    body = objects[item].replace(b"/S /LI", b"/S /LBody", 1)
    objects[item] = _PARENT.sub(b"/P %d 0 R" % outer, body, count=1)
    holder = int(parent[1])
    objects[holder] = _KIDS.sub(
        lambda kids: re.sub(rb"\b%d 0 R" % item, b"%d 0 R" % outer, kids[0]), objects[holder], count=1
    )


def _say_so(objects: Objects, title: str, author: str) -> None:
    creator = _CREATOR.format(author=escape(author)) if author else ""
    packet = _METADATA.format(title=escape(title), creator=creator).encode()
    head = b"<</Type /Metadata\n/Subtype /XML\n/Length %d>>" % len(packet)
    metadata = objects.add(b"%b stream\n%b\nendstream" % (head, packet))
    root = objects.trailer_reference(b"Root")
    objects[root] = objects[root].replace(
        b"/Type /Catalog", b"/Type /Catalog\n/Metadata %d 0 R" % metadata, 1
    )
