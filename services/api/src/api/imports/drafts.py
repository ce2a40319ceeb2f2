"""A resume in the making: what an importer puts together, until it is a snapshot to be written."""

import re
import unicodedata
from typing import Any

import msgspec

from api.contents.document import MOST_ITEMS, MOST_SECTIONS, split
from api.contents.json_resume import Warning
from api.contents.snapshots import ItemState, SectionState, Snapshot
from api.imports import dates
from api.imports.problems import Unreadable
from api.imports.reading import Reader, is_blank
from common.ids import new_id

LONGEST_TITLE = 200
_TELLING = 500
"""Characters of a heading that the name of its section is made of."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_TAKEN_NAMES = frozenset({"basics", "meta", "$schema"})
PAGE_SIZES = {"a4": "a4", "letter": "us-letter", "us-letter": "us-letter"}


class Entry(dict[str, Any]):
    """An entry of a section; blanks are not put in."""

    def put(self, name: str, value: Any) -> None:
        if not is_blank(value):
            self[name] = value

    def add(self, others: Any) -> None:
        """Puts in what JSON Resume has no words for under its own names; what is there stays."""
        for name, value in others.items() if isinstance(others, dict) else ():
            free, count = name, 2
            while free in self:
                free, count = f"{name}{count}", count + 1
            self.put(free, value)


class Part(msgspec.Struct):
    """A section in the making; `items` are its entries, each with whether it shows."""

    name: str
    kind: str
    title: str | None = None
    visible: bool = True
    columns: int = 1
    page_break_before: bool = False
    items: list[tuple[Any, bool]] = []

    def add(self, item: Any, *, visible: bool = True) -> None:
        if not is_blank(item):
            self.items.append((item, visible))


class Draft:
    def __init__(self) -> None:
        self.basics = Entry()
        self.meta = Entry()
        self.parts: list[Part] = []
        self.language: str | None = None
        self.page_size: str | None = None
        self.warnings: list[Warning] = []

    def part(self, name: str, *, kind: str = "") -> Part:
        """A new section; its name is made one that no other has. Raises Unreadable if there are too many."""
        if len(self.parts) > MOST_SECTIONS:
            raise Unreadable(
                "$", f"There are more than {MOST_SECTIONS} sections, the most that a resume has."
            )
        base = slug(name)
        free, count, taken = base, 2, {part.name for part in self.parts} | _TAKEN_NAMES
        while free in taken:
            free, count = f"{base}-{count}", count + 1
        found = Part(name=free, kind=slug(kind) if kind else free)
        self.parts.append(found)
        return found

    def one(self, name: str) -> Part:
        """The section `name`, which is made if it is not there."""
        return next((part for part in self.parts if part.name == name), None) or self.part(name)

    def warn(self, path: str, message: str) -> None:
        self.warnings.append(Warning(path, message))

    def date(self, entry: Entry, name: str, written: Reader) -> None:
        """Puts a date into `entry`; one that is not certain as it was written, with a warning."""
        text = written.text()
        certain = dates.certain_date(text)
        if text and not certain:
            self.warn(written.path, "Kept as it was written: it is no date that can be read with certainty.")
        entry.put(name, certain or text)

    def period(self, entry: Entry, written: Reader) -> None:
        """Puts what is written as one text into `entry`: a range as two dates, anything else under `date`."""
        period = dates.certain_period(written.text())
        if period is None:
            self.date(entry, "date", written)
        else:
            entry.put("startDate", period.start)
            entry.put("endDate", period.end)

    def say_language(self, written: Reader) -> None:
        """Takes the language if it is a BCP 47 tag."""
        if isinstance(written.value, str) and _LANGUAGE.fullmatch(
            tag := written.value.replace("_", "-")[:36]
        ):
            self.language = tag if len(tag) <= 35 else None
            written.text()

    def say_page_size(self, written: Reader) -> None:
        """Takes the page size if it is one that we have."""
        if isinstance(written.value, str) and written.value.lower() in PAGE_SIZES:
            self.page_size = PAGE_SIZES[written.text().lower()]

    def say_title(self, part: Part, written: Reader) -> None:
        """Takes the heading of a section if it fits."""
        value = written.value
        if isinstance(value, str) and len(value) <= LONGEST_TITLE and not _CONTROL.search(value):
            part.title = written.text() or None

    def head(self, part: Part, heading: str, path: str) -> None:
        """Gives the section a heading that stands at `path`, as far as there is room."""
        plain = " ".join(_CONTROL.sub(" ", heading).split())
        part.title = plain[:LONGEST_TITLE].strip() or None
        if len(plain) > LONGEST_TITLE:
            self.warn(path, f"Cut: a heading has at most {LONGEST_TITLE} characters. It was: {plain}")

    def say_columns(self, part: Part, written: Reader) -> None:
        """Takes the number of columns if it is one that we have."""
        if isinstance(written.value, int) and not isinstance(written.value, bool) and 1 <= written.value <= 4:
            part.columns = int(written.text())

    def document(self) -> dict[str, Any]:
        """What the draft says, as a JSON Resume."""
        sections = {part.name: [item for item, _ in part.items] for part in self.parts}
        before = {"basics": dict(self.basics)} if self.basics else {}
        return before | sections | ({"meta": dict(self.meta)} if self.meta else {})

    def snapshot(self) -> Snapshot:
        """The draft, ready to be written. Raises Unreadable if it is more than a resume can hold."""
        count = sum(len(part.items) for part in self.parts)
        if len(self.parts) > MOST_SECTIONS or count > MOST_ITEMS:
            message = f"Found {count} entries in {len(self.parts)} sections."
            raise Unreadable("$", f"{message} A resume has at most {MOST_ITEMS} in {MOST_SECTIONS}.")
        parts = split(self.document())
        return Snapshot(
            members=parts.members,
            basics=parts.basics,
            extra=parts.extra,
            sections=[_state(part, parts.sections[part.name]) for part in self.parts],
        )


def _state(part: Part, texts: list[str]) -> SectionState:
    return SectionState(
        id=new_id(),
        name=part.name,
        kind=part.kind,
        title=part.title,
        visible=part.visible,
        columns=part.columns,
        page_break_before=part.page_break_before,
        items=[
            ItemState(id=new_id(), data=data, visible=visible)
            for data, (_, visible) in zip(texts, part.items, strict=True)
        ],
    )


def slug(title: str) -> str:
    """`title` as the name of a member: letters, digits and hyphens, a letter first."""
    plain = unicodedata.normalize("NFKD", title[:_TELLING]).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)
    if len(words) == 1 and words[0][0].isalpha():
        return str(words[0][:60])
    name: str = "-".join(word.lower() for word in words)[:60].strip("-")
    return name if name[:1].isalpha() else f"section-{name}".strip("-")
