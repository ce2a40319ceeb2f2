"""What the sections of JSON Resume mean: which field of an item is its title, its place, its dates."""

from collections.abc import Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from api.shares.reading import texts
from api.shares.reading.fields import Fact, Fields, Writing

Names = tuple[str, ...]
# Where the region comes before the postal code: San Francisco, California 94105.
_REGION_FIRST = {"US", "CA", "AU", "GB", "IN", "NZ", "IE"}


class Entry(msgspec.Struct, frozen=True):
    """One job, school, skill or anything else. Every part may be empty."""

    title: str = ""
    href: str = ""
    subtitle: str = ""
    note: str = ""
    dates: str = ""
    place: str = ""
    details: Sequence[Fact] = ()
    body: Sequence[Markup] = ()
    points: Sequence[Markup] = ()
    tags: Sequence[str] = ()
    groups: Sequence[tuple[str, Sequence[str]]] = ()
    facts: Sequence[Fact] = ()

    @property
    def is_blank(self) -> bool:
        return not any(msgspec.structs.astuple(self))

    @property
    def is_term(self) -> bool:
        """Whether this is a name with a note and a few words, and no more."""
        return not (self.subtitle or self.dates or self.place or self.body or self.points or self.groups)


class Kind(msgspec.Struct, frozen=True):
    """The fields of one kind of item, each slot with the names that it goes by. `layout` is `entries`, `terms` (lists
    of words, such as skills) or `quotes`; `heading` is what a section of this kind is called."""

    heading: str = ""
    title: tuple[Names, ...] = (("title", "name", "label", "position", "role"),)
    subtitle: tuple[Names, ...] = (
        ("organization", "institution", "company", "issuer", "publisher", "entity"),
    )
    note: Names = ()
    body: tuple[Names, ...] = (("description",), ("summary", "text", "content"))
    layout: str = "entries"


_POSITION = (("position", "title", "role", "jobTitle"),)
KINDS = {
    "work": Kind("Experience", _POSITION, (("name", "company", "employer", "organization"),)),
    "volunteer": Kind("Volunteering", _POSITION, (("organization", "name", "company"),)),
    "education": Kind(
        "Education",
        (("studyType", "degree"), ("area", "fieldOfStudy", "major")),
        (("institution", "school", "name"),),
    ),
    "awards": Kind("Awards", (("title", "name"),), (("awarder", "issuer"),)),
    "certificates": Kind("Certificates", (("name", "title"),), (("issuer", "authority", "organization"),)),
    "publications": Kind("Publications", (("name", "title"),), (("publisher",),)),
    "skills": Kind("Skills", (("name", "skill"),), (), note=("level",), layout="terms"),
    "languages": Kind("Languages", (("language", "name"),), (), note=("fluency", "level"), layout="terms"),
    "interests": Kind("Interests", (("name", "title"),), (), layout="terms"),
    "references": Kind(
        "References",
        (("name", "referee"),),
        (("position", "title"),),
        body=(("reference",),),
        layout="quotes",
    ),
    "projects": Kind(
        "Projects", (("name", "title"),), (("roles", "role"), ("entity", "organization"), ("type",))
    ),
}
_ALIASES = {
    "experience": "work",
    "employment": "work",
    "volunteering": "volunteer",
    "certifications": "certificates",
    "hobbies": "interests",
}


def kind_of(name: str) -> Kind:
    """What is known of a kind of section; a general guess for kinds that the schema does not have."""
    return KINDS.get(_ALIASES.get(name, name), Kind())


def entries_of(value: Any, kind: Kind, writing: Writing) -> list[Entry]:
    """The items of a section; those that are no objects are gathered in one entry."""
    listed = value if isinstance(value, list) else [value]
    found = [_entry(item, kind, writing) for item in listed if isinstance(item, dict)]
    others = [item for item in listed if not isinstance(item, dict)]
    if kind.layout == "terms":
        words = [text for item in others if (text := texts.one_line(item, writing.translate))]
        found.append(Entry(tags=words))
    else:
        fields = Fields({"body" if isinstance(value, str) else "points": others}, writing)
        found.append(Entry(body=fields.body("body"), points=fields.points("points")))
    return [entry for entry in found if not entry.is_blank]


def _entry(item: dict[str, Any], kind: Kind, writing: Writing) -> Entry:
    """Every text of the item is in its entry, whether its field is known or not."""
    fields = Fields(item, writing)
    comma = writing.translate(", ")
    titles = [text for slot in kind.title if (text := fields.text(*slot))]
    subtitles = [text for slot in kind.subtitle if (text := comma.join(fields.many(*slot)))]
    title = comma.join(titles) or (subtitles.pop(0) if subtitles else "")
    links = fields.links("", "url", "website", "link", "href")
    href = links.pop(0).href if len(links) == 1 and links[0].href and title else ""
    return Entry(
        title=title,
        href=href,
        subtitle=comma.join(subtitles),
        note=fields.text(*kind.note),
        dates=fields.dates(),
        place=place(fields.take("location", "place"), writing),
        details=[*_score(fields, writing), *links],
        body=[block for slot in kind.body for block in fields.body(*slot)],
        points=fields.points("highlights", "achievements", "responsibilities"),
        tags=fields.many("keywords", "technologies"),
        groups=_groups(fields, writing),
        facts=fields.facts(),
    )


def _score(fields: Fields, writing: Writing) -> list[Fact]:
    score = fields.text("score", "gpa", "grade")
    return [Fact(score, writing.translate("Grade") if score[:1].isdigit() else "")] if score else []


def _groups(fields: Fields, writing: Writing) -> list[tuple[str, list[str]]]:
    courses = fields.many("courses", "coursework")
    return [(writing.translate("Courses"), courses)] if courses else []


def place(value: object, writing: Writing) -> str:
    """A location, as text or as the schema's object, in the order of its country's addresses."""
    if not isinstance(value, dict):
        return texts.one_line(value, writing.translate)
    fields = Fields(value, writing)
    street, postal = fields.text("address", "street"), fields.text("postalCode", "zip")
    city, region, country = fields.text("city"), fields.text("region", "state"), fields.text("countryCode")
    if country.upper() in _REGION_FIRST:
        parts = [street, city, f"{region} {postal}".strip(), country]
    else:
        parts = [street, f"{postal} {city}".strip(), region, country]
    parts += [f"{fact.label}: {fact.text}" for fact in fields.facts()]
    return writing.translate(", ").join(filter(None, parts))
