"""The lists of a Candidate that all look alike: a heading, and things with a title, dates, links and a description."""

import re

from api.imports.drafts import Draft, Entry, Part
from api.imports.europass.common import add_rest, put_links, put_period, put_prose
from api.imports.reading import Reader

# The section of JSON Resume, and how it calls the title of its entries.
_SECTIONS = {
    "Certifications": ("certificates", "name"),
    "CourseCertifications": ("certificates", "name"),
    "Projects": ("projects", "name"),
    "PublicationHistory": ("publications", "name"),
    "VoluntaryWorks": ("volunteer", "position"),
    "HonorsAndAwards": ("awards", "title"),
    "HobbiesAndInterests": ("interests", "name"),
    "EmploymentReferences": ("references", "name"),
    "Skills": ("skills", "name"),
    "DigitalSkills": ("skills", "name"),
    "CommunicationAndInterpersonalSkills": ("skills", "name"),
    "ManagementAndLeadershipSkills": ("skills", "name"),
    "OrganisationalSkills": ("skills", "name"),
}
_TITLES = (
    "Title",
    "Name",
    "CertificationName",
    "CertificationTypeCode",
    "LicenseName",
    "LicenseTypeCode",
    "FormattedName",
)
_PERIODS = ("Date", "Period", "EffectiveDate", "EffectivePeriod", "AttendancePeriod")
_ONE_DATE = frozenset({"certificates", "awards", "publications"})
_RELEASED = {"publications": "releaseDate"}


def read(group: Reader, draft: Draft) -> None:
    """Adds the things of a group, or of each of several groups of one name (`Others`), to their section."""
    for one in group.all():
        if not isinstance(one.value, dict):
            continue
        section, title = _SECTIONS.get(group.name, ("", "title"))
        things = [thing for member in one.members() if member.name != "Title" for thing in member.all()]
        if not things:
            continue
        part = draft.one(section) if section else _part_called(one, draft, otherwise=_words(group.name))
        _add(part, things, title, draft)


def _part_called(group: Reader, draft: Draft, *, otherwise: str) -> Part:
    """The section with the heading of a group: several groups of one heading are one."""
    part = draft.part(heading := group.text("Title") or otherwise)
    draft.head(part, heading, group.get("Title").path)
    same = next(found for found in draft.parts if found.title == part.title)
    if same is not part:
        draft.parts.remove(part)
    return same


def _add(part: Part, things: list[Reader], title: str, draft: Draft) -> None:
    for thing in things:
        if not isinstance(thing.value, dict):
            part.add({title: thing.text()})
            continue
        entry = Entry()
        entry.put(title, thing.text(*_TITLES))
        _put_dates(entry, thing.get(*_PERIODS), part.name, draft)
        entry.put("location", thing.text("Location"))
        put_prose(entry, thing.get("Description"))
        put_links(entry, thing.texts("Link"))
        add_rest(entry, thing)
        part.add(entry)


def _put_dates(entry: Entry, period: Reader, section: str, draft: Draft) -> None:
    put_period(draft, entry, period, ongoing=("Ongoing", "CurrentIndicator"))
    if section in _ONE_DATE and "startDate" in entry and "endDate" not in entry:
        entry.put(_RELEASED.get(section, "date"), entry.pop("startDate"))


def _words(name: str) -> str:
    """`ConferencesAndSeminars` as a heading."""
    first, *others = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+", name) or [name]
    return " ".join([first, *(word.lower() for word in others)])
