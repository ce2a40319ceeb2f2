"""XML as a tree of plain values: an element is its text, or an object of its attributes (`@name`), its elements and
its text (`#text`); elements of one name beside each other are a list. Namespaces are left out."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from api.contents.codec import MAX_DEPTH
from api.imports.problems import Unreadable

_ABOUT_XML = "{http://www.w3.org/2001/XMLSchema-instance}"


MOST_PARTS = 150_000
"""Elements and attributes of a document; each takes some microseconds, however small it is."""


def read(text: bytes | str) -> dict[str, Any]:
    """`{root: value}`. Raises Unreadable; document types, entities and what lies elsewhere are refused."""
    try:
        root = _parsed(text)
    except DefusedXmlException as error:
        raise Unreadable("$", "Document types and entities are not allowed in XML.") from error
    except ParseError as error:
        line = f"line {error.position[0]}"
        raise Unreadable(line, f"Not XML that can be read: {error}.") from error
    except (
        ValueError,
        LookupError,
    ) as error:  # an encoding that nobody knows, or text that says it is another
        raise Unreadable("$", f"Not XML that can be read: {error}.") from error
    return {_name(root.tag): _value(root, MAX_DEPTH)}


class _Builder(TreeBuilder):
    """Counts the elements and attributes while they come, so that nothing is made of too many."""

    def __init__(self) -> None:
        super().__init__()
        self._parts = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._parts += 1 + len(attrs)
        if self._parts > MOST_PARTS:
            raise Unreadable("$", f"There are more than {MOST_PARTS:,} elements and attributes.")
        return super().start(tag, attrs)


def _parsed(text: bytes | str) -> Element:
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True)
    parser.feed(text)
    root: Element = parser.close()
    return root


def _value(element: Element, levels: int) -> Any:
    if levels == 0:
        raise Unreadable("$", f"Elements are nested deeper than {MAX_DEPTH} levels.")
    found: dict[str, Any] = {
        f"@{_name(name)}": value for name, value in element.items() if not name.startswith(_ABOUT_XML)
    }
    for child in element:
        name, value = _name(child.tag), _value(child, levels - 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], _Several):
            found[name].append(value)
        else:
            found[name] = _Several([found[name], value])
    text = " ".join(filter(None, [(element.text or "").strip(), *((c.tail or "").strip() for c in element)]))
    if not found:
        return text
    return found | ({"#text": text} if text else {})


class _Several(list[Any]):
    """Elements of one name, which no element is by itself."""


def _name(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
