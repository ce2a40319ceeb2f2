"""XML as a tree of plain values: an element is its text, or an object of its attributes (`@name`), its elements and
its text (`#text`); elements of one name beside each other are a list. Namespaces are left out."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from api.contents.codec import MAX_DEPTH
from api.imports.problems import Unreadable

_ABOUT_XML = "{http://www.w3.org/2001/XMLSchema-instance}"


def read(text: bytes | str) -> dict[str, Any]:
    """`{root: value}`. Raises Unreadable; document types, entities and what lies elsewhere are refused."""
    try:
        root = fromstring(text, forbid_dtd=True)
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
