"""The sections of a RenderCV document: their headings are the writer's own, their entries of nine types that are told
by their members."""

import re

import msgspec

from api.imports import dates
from api.imports.drafts import Draft, Entry, Part
from api.imports.problems import Unreadable, kind_of
from api.imports.reading import Reader

_LINK = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?P<url>[^()\s]+)\)")
_NUMBERED = frozenset({"number", "reversed_number"})
_SUMMARIES = frozenset({"summary", "profile", "about", "about_me", "objective"})


class Section(msgspec.Struct, frozen=True):
    """A section of JSON Resume, and what RenderCV calls the members of its entries."""

    name: str
    texts: dict[str, str]
    date: str = ""


_WORK = Section("work", {"company": "name", "position": "position"})
_VOLUNTEER = Section("volunteer", {"company": "organization", "position": "position"})
_EDUCATION = Section("education", {"institution": "institution", "area": "area", "degree": "studyType"})
_PUBLICATIONS = Section("publications", {"title": "name", "journal": "publisher"}, date="releaseDate")
_PROJECTS = Section("projects", {"name": "name", "summary": "description"})
_AWARDS = Section("awards", {"name": "title"})
_CERTIFICATES = Section("certificates", {"name": "name"})
_SKILLS = Section("skills", {"label": "name"})
_LANGUAGES = Section("languages", {"label": "language", "details": "fluency"})
_INTERESTS = Section("interests", {"label": "name"})

# By what their heading says, for entries that say little of themselves.
_NORMAL = {"projects": _PROJECTS, "awards": _AWARDS, "honors": _AWARDS, "certificates": _CERTIFICATES}
_NORMAL |= {"certifications": _CERTIFICATES, "personal_projects": _PROJECTS}
_ONE_LINE = {"languages": _LANGUAGES, "interests": _INTERESTS, "hobbies": _INTERESTS, "skills": _SKILLS}
_EXPERIENCE = {"volunteering": _VOLUNTEER, "volunteer": _VOLUNTEER, "volunteer_experience": _VOLUNTEER}
# Headings that our own for the section say as well.
_USUAL = {
    "experience": "work",
    "volunteering": "volunteer",
    "volunteer_experience": "volunteer",
    "certifications": "certificates",
    "hobbies": "interests",
}


def read(section: Reader, draft: Draft) -> None:
    """Puts a section into `draft`. Raises Unreadable."""
    entries = section.elements()
    heading = section.name.strip()
    key = "_".join(re.findall(r"\w+", heading.casefold()))
    if key in _SUMMARIES and entries and "summary" not in draft.basics and all(map(_is_text, entries)):
        draft.basics.put("summary", "\n\n".join(entry.text() for entry in entries))
        return
    told = _section_of(entries, key)
    part = draft.part(told.name if told and _is_usual(key, told) else heading, kind=told.name if told else "")
    _head(section, part, key, draft)
    if told is None and _members(entries) & _NUMBERED:
        draft.warn(section.path, "Shown as a list: numbers before entries are not kept.")
    for entry in entries:
        if isinstance(entry.value, dict):
            part.add(_read_entry(entry, told, draft))
        elif isinstance(entry.value, list):
            raise Unreadable(entry.path, f"Expected an entry, found {kind_of(entry.value)}.")
        else:
            part.add({"text": text} if (text := entry.text()) else entry.take())


def _is_text(entry: Reader) -> bool:
    return isinstance(entry.value, str)


def _is_usual(key: str, told: Section) -> bool:
    return _USUAL.get(key, key) == told.name


def _head(section: Reader, part: Part, key: str, draft: Draft) -> None:
    """Gives the section the heading that RenderCV would: keys in lower case stand for words."""
    heading = section.name.strip()
    if not heading or _USUAL.get(key, key) == part.name:
        return
    is_key = heading == heading.lower() and " " not in heading
    words = " ".join(word.capitalize() for word in heading.split("_")) if is_key else heading
    draft.head(part, words, section.path)


def _section_of(entries: list[Reader], key: str) -> Section | None:
    """What the entries are, by the members that only one type of entry has."""
    members = _members(entries)
    for marks, section in (
        ({"company", "position"}, _EXPERIENCE.get(key, _WORK)),
        ({"institution", "degree", "area"}, _EDUCATION),
        ({"authors", "doi", "journal"}, _PUBLICATIONS),
        ({"label", "details"}, _ONE_LINE.get(key, _SKILLS)),
        ({"name"}, _NORMAL.get(key, _PROJECTS)),
    ):
        if members & marks:
            return section
    return None


def _members(entries: list[Reader]) -> set[str]:
    return {name for entry in entries if isinstance(entry.value, dict) for name in entry.value}


def _read_entry(entry: Reader, told: Section | None, draft: Draft) -> Entry | str:
    if told is None:
        return _read_point(entry)
    found = Entry()
    for source, target in told.texts.items():
        found.put(target, entry.text(source))
    _part_link(found, next(iter(told.texts.values())))
    _put_dates(found, entry, told, draft)
    for name in sorted({"location", "url", "summary"} - told.texts.keys()):
        found.put(name if name not in found else f"{name}2", entry.text(name))
    found.put("highlights", entry.texts("highlights"))
    if told in (_SKILLS, _INTERESTS):
        found.put("keywords", _words(entry.text("details")))
    found.add(entry.rest())
    return found


def _read_point(entry: Reader) -> Entry | str:
    """An entry that is one text: a point of a list. Whether it is numbered is a matter of looks."""
    if isinstance(entry.value, dict) and len(entry.value) == 1:
        text = entry.text("bullet") or entry.text("number") or entry.text("reversed_number")
        if text:
            return text
    found = Entry()
    found.add(entry.rest())
    return found


def _part_link(found: Entry, name: str) -> None:
    """`[name](address)` as what it says."""
    if link := _LINK.fullmatch(found.get(name, "")):
        found.put(name, link["text"])
        found.put("url", link["url"])


def _put_dates(found: Entry, entry: Reader, told: Section, draft: Draft) -> None:
    end = entry.get("end_date")
    draft.date(found, "startDate", entry.get("start_date"))
    if dates.is_now(str(end.value)):
        end.take()
    else:
        draft.date(found, "endDate", end)
    if told.date or told.name in ("awards", "certificates"):
        draft.date(found, told.date or "date", entry.get("date"))
    else:
        draft.period(found, entry.get("date"))


def _words(details: str) -> list[str]:
    """A plain list of words one by one; anything that says more is left as it is."""
    words = [word.strip() for word in details.split(",")]
    is_plain = not re.search(r"[;:()\[\]*]|\.\s", details) and all(
        word and len(word.split()) <= 4 and not word.casefold().startswith("and ") for word in words
    )
    return words if is_plain else [details]
