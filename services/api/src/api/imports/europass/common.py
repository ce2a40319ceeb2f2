"""What both versions have: lists that are an element around elements in XML, labels with codes, rich text."""

from typing import Any

from api.imports import prose
from api.imports.drafts import Draft, Entry
from api.imports.reading import Reader

_CODES = frozenset({"Code"})


def listed(parent: Reader, name: str) -> list[Reader]:
    """The elements `name`: in `nameList` (XML of version 3), or right here."""
    return parent.get(f"{name}List").all(name) or parent.all(name)


def label(thing: Reader) -> str:
    """What a thing is called: its label, else its code, else itself. The code of what has a label stays."""
    return thing.text("Label") or thing.text("Code") or thing.text()


def put_prose(entry: Entry, written: Reader, *, highlights: bool = True) -> None:
    """Rich text as a summary; a list at its end as highlights."""
    told = prose.read(written.text())
    entry.put("summary", told.text if highlights else prose.text(written.text()))
    if highlights:
        entry.put("highlights", told.highlights)


def put_links(entry: Entry, links: list[str]) -> None:
    """The first as the entry's address, more beside it."""
    links = [link for link in links if link not in (entry.get("url"), "")]
    if links and "url" not in entry:
        entry.put("url", links.pop(0))
    entry.put("links", links)


def put_parts(entry: Entry, names: dict[str, str], source: Reader) -> None:
    """Members that differ in nothing but their name."""
    for name, target in names.items():
        entry.put(target, source.text(name))


def add_rest(entry: Entry, source: Reader, *without: str) -> None:
    """What there are no words for, under its own name: `IndustryCode` as `industryCode`. Codes of what has a label
    are no words either."""
    entry.add(_simple(source.rest(*without, nowhere=_CODES)))


def put_period(draft: Draft, entry: Entry, period: Reader, *, ongoing: tuple[str, ...]) -> None:
    """Puts a period of start, end and whether it goes on. An end that is not told stays untold, and is ongoing for
    whoever reads a JSON Resume; that it is not is then worth a warning."""
    draft.date(entry, "startDate", date_of(period.get("StartDate", "From")))
    draft.date(entry, "endDate", date_of(period.get("EndDate", "To")))
    say_ongoing(entry, period.get(*ongoing))


def say_ongoing(entry: Entry, goes_on: Reader) -> None:
    """Takes whether a period goes on, if the dates in `entry` say the same."""
    said = goes_on.value
    ends, starts = "endDate" in entry, "startDate" in entry
    if (said in (True, "true", "1") and not ends) or (said in (False, "false", "0") and (ends or not starts)):
        goes_on.take()


def date_of(date: Reader) -> Reader:
    """A date that is written in one piece."""
    return date.get("FormattedDateTime", "DateText") if isinstance(date.value, dict) else date


def _simple(value: Any) -> Any:
    if isinstance(value, list):
        return [_simple(element) for element in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"#text"}:
        return value["#text"]
    return {_member(name): _simple(inner) for name, inner in value.items()}


def _member(name: str) -> str:
    name = name.removeprefix("#")
    return name if name.isupper() else name[:1].lower() + name[1:]
