"""Paragraphs of WordprocessingML, made element by element: looking up styles by name would take most of the time."""

import re
import unicodedata
from typing import Any

from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


class Paragraph:
    """One paragraph. `stays` keeps it on the page of the next one; `tab` is the width of its line, in twentieths of a
    point, if something stands at the end of that."""

    def __init__(
        self,
        style: str,
        *,
        is_rtl: bool = False,
        stays: bool = False,
        starts_page: bool = False,
        tab: int | None = None,
    ) -> None:
        self.element: Any = OxmlElement("w:p")
        self._is_rtl = is_rtl
        # In the order of the schema (ECMA-376-1, 17.3.1.26), without which Word takes the file for broken.
        properties = self._add(self.element, "w:pPr")
        self._add(properties, "w:pStyle", val=style)
        if stays:
            self._add(properties, "w:keepNext")
        if starts_page:
            self._add(properties, "w:pageBreakBefore")
        if tab is not None:
            self._add(self._add(properties, "w:tabs"), "w:tab", val="right", pos=str(tab))
        if is_rtl:
            self._add(properties, "w:bidi")

    def say(self, text: str, *, is_strong: bool = False, link: str = "") -> None:
        """Add words; `link` is the id of the relationship to where they lead."""
        plain = _BREAKS.sub(" ", text)
        parent = self.element
        if link:
            parent = self._add(parent, "w:hyperlink")
            parent.set(qn("r:id"), link)
        run = self._run(parent, plain, is_strong=is_strong, style="Hyperlink" if link else "")
        words = self._add(run, "w:t")
        words.text = plain
        words.set(qn("xml:space"), "preserve")

    def new_line(self) -> None:
        self._add(self._add(self.element, "w:r"), "w:br")

    def new_column(self) -> None:
        """Go on at the end of the line."""
        self._add(self._add(self.element, "w:r"), "w:tab")

    def say_page_number(self) -> None:
        field = self._add(self.element, "w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        self._add(self._add(field, "w:r"), "w:t").text = "2"

    def _run(self, parent: Any, text: str, *, is_strong: bool, style: str) -> Any:
        run = self._add(parent, "w:r")
        # A telephone number has no letters: it reads from left to right in all languages.
        is_rtl = _is_rtl(text, otherwise=self._is_rtl and not style)
        if is_strong or style or is_rtl:
            properties = self._add(run, "w:rPr")
            if style:
                self._add(properties, "w:rStyle", val=style)
            if is_strong:
                self._add(properties, "w:b")
                self._add(properties, "w:bCs")
            if is_rtl:
                self._add(properties, "w:rtl")
        return run

    @staticmethod
    def _add(parent: Any, name: str, **attributes: str) -> Any:
        child = OxmlElement(name, {qn(f"w:{key}"): value for key, value in attributes.items()})
        parent.append(child)
        return child


def _is_rtl(text: str, *, otherwise: bool) -> bool:
    """The direction of the first letter that has one (UAX 9, P2 and P3)."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in _RIGHT_TO_LEFT:
            return True
        if direction == "L":
            return False
    return otherwise
