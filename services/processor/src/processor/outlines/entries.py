"""What the sections of JSON Resume mean: which field of an item is its title, its subtitle, its dates."""

from typing import Any

import msgspec

from processor.outlines.dates import format_date, format_range
from processor.outlines.fields import Fields
from processor.outlines.labels import Labels
from processor.outlines.outline import Detail, Entry, Group
from processor.outlines.text import one_text

Names = tuple[str, ...]
_LONGEST_TAGLINE = 120
# Where the region comes before the postal code: San Francisco, California 94105.
_REGION_FIRST = {"US", "CA", "AU", "GB", "IN", "NZ", "IE"}


class Writing(msgspec.Struct, frozen=True):
    """How texts are written: language of dates and labels, and the style of dates (`short`, `long`, …)."""

    language: str
    date_style: str
    labels: Labels

    def date(self, written: str) -> str:
        return format_date(written, self.date_style, self.language)

    def range(self, start: str, end: str) -> str:
        present = self.labels["present"]
        return format_range(start, end, self.date_style, self.language, present=present)


class Spec(msgspec.Struct, frozen=True):
    """The fields of one kind of item. A title or subtitle is made of slots; each slot has the names it goes by."""

    title: tuple[Names, ...] = (("title", "name", "label", "position", "role"),)
    subtitle: tuple[Names, ...] = (
        ("organization", "institution", "company", "issuer", "publisher", "entity"),
    )
    note: Names = ()
    tagline: Names = ()
    body: tuple[Names, ...] = (("description",), ("summary", "text", "content"))
    bullets: Names = ("highlights", "achievements", "responsibilities")
    tags: Names = ("keywords", "technologies")
    layout: str = "entries"


_POSITION = (("position", "title", "role", "jobTitle"),)
SPECS = {
    "work": Spec(_POSITION, (("name", "company", "employer", "organization"),), tagline=("description",)),
    "volunteer": Spec(_POSITION, (("organization", "name", "company"),), tagline=("description",)),
    "education": Spec(
        (("studyType", "degree"), ("area", "fieldOfStudy", "major")), (("institution", "school", "name"),)
    ),
    "awards": Spec((("title", "name"),), (("awarder", "issuer"),)),
    "certificates": Spec((("name", "title"),), (("issuer", "authority", "organization"),)),
    "publications": Spec((("name", "title"),), (("publisher",),)),
    "skills": Spec((("name", "skill"),), (), note=("level",), layout="terms"),
    "languages": Spec((("language", "name"),), (), note=("fluency", "level"), layout="terms"),
    "interests": Spec((("name", "title"),), (), layout="terms"),
    "references": Spec(
        (("name", "referee"),), (("position", "title"),), body=(("reference",),), layout="quotes"
    ),
    "projects": Spec((("name", "title"),), (("roles", "role"), ("entity", "organization"), ("type",))),
}
ALIASES = {
    "experience": "work",
    "employment": "work",
    "volunteering": "volunteer",
    "certifications": "certificates",
    "hobbies": "interests",
}


def spec_of(kind: str) -> Spec:
    """What is known of a kind of section; a general guess for kinds that the schema does not have."""
    return SPECS.get(kind, Spec())


def read_entry(item: dict[str, Any], spec: Spec, writing: Writing) -> Entry:
    """One item as an entry. Every string of the item is in it, known field or not."""
    fields = Fields(item, writing.labels)
    titles = [text for slot in spec.title if (text := fields.text(*slot))]
    comma = writing.labels["comma"]
    subtitle = [text for slot in spec.subtitle if (text := comma.join(fields.texts(*slot)))]
    tagline = fields.text(*spec.tagline)
    is_long = len(tagline) > _LONGEST_TAGLINE
    body = [tagline] if is_long else []
    for slot in spec.body:
        body += fields.paragraphs(*slot)
    return Entry(
        title=comma.join(titles) or (subtitle.pop(0) if subtitle else ""),
        subtitle=subtitle,
        note=fields.text(*spec.note),
        dates=_dates(fields, writing),
        tagline="" if is_long else tagline,
        details=_details(fields, writing),
        paragraphs=body,
        bullets=fields.texts(*spec.bullets),
        tags=fields.texts(*spec.tags),
        groups=_groups(fields, writing),
        facts=fields.facts(),
    )


def _dates(fields: Fields, writing: Writing) -> str:
    start, end = fields.text("startDate", "start"), fields.text("endDate", "end")
    single = [fields.text(name) for name in ("date", "releaseDate", "issueDate")]
    return writing.labels["comma"].join(filter(None, [writing.range(start, end), *map(writing.date, single)]))


def _details(fields: Fields, writing: Writing) -> list[Detail]:
    place = place_text(fields.take("location", "place"), writing.labels)
    score = fields.text("score", "gpa", "grade")
    label = writing.labels["grade"] if score[:1].isdigit() else ""
    details = [Detail(place, kind="place"), Detail(score, label, kind="score")]
    return [detail for detail in details if detail.text] + fields.links("", "url", "url", "website", "link")


def _groups(fields: Fields, writing: Writing) -> list[Group]:
    courses = fields.texts("courses", "coursework")
    return [Group(writing.labels["courses"], courses)] if courses else []


def place_text(value: object, labels: Labels) -> str:
    """A location, as text or as the schema's object, in the order of its country's addresses."""
    if not isinstance(value, dict):
        return one_text(value, labels)
    fields = Fields(value, labels)
    address, postal_code = fields.text("address", "street"), fields.text("postalCode", "zip")
    city, region, country = fields.text("city"), fields.text("region", "state"), fields.text("countryCode")
    if country.upper() in _REGION_FIRST:
        parts = [address, city, f"{region} {postal_code}".strip(), country]
    else:
        parts = [address, f"{postal_code} {city}".strip(), region, country]
    parts += [f"{fact.label}: {fact.text}" for fact in fields.facts()]
    return labels["comma"].join(filter(None, parts))
