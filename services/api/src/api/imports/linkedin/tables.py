"""The tables of an export that are lists of entries: what their columns are called in JSON Resume."""

import msgspec

from api.imports.drafts import Draft, Entry
from api.imports.reading import Reader


class Table(msgspec.Struct, frozen=True):
    """A table and the section it becomes (none: it is about the person). Of `texts` and `dates` the first is the
    column, the second the member. `name` are the columns that make up a name together."""

    section: str = ""
    texts: dict[str, str] = {}
    dates: dict[str, str] = {}
    name: tuple[str, ...] = ()
    beside: frozenset[str] = frozenset()

    @property
    def columns(self) -> frozenset[str]:
        return self.beside | self.texts.keys() | self.dates.keys() | set(self.name)


_PERIOD = {"Started On": "startDate", "Finished On": "endDate"}
_PROFILE = Table(
    beside=frozenset({"First Name", "Last Name", "Headline", "Summary", "Industry", "Geo Location"})
)
_EMAILS = Table(beside=frozenset({"Email Address", "Confirmed", "Primary", "Updated On"}))
_PHONES = Table(beside=frozenset({"Extension", "Number", "Type"}))
_POSITIONS = Table(
    "work",
    {"Company Name": "name", "Title": "position", "Description": "summary", "Location": "location"},
    _PERIOD,
)
_EDUCATION = Table(
    "education",
    {
        "School Name": "institution",
        "Degree Name": "studyType",
        "Field Of Study": "area",
        "Field of Study": "area",
        "Grade": "score",
        "Notes": "summary",
        "Activities": "activities",
    },
    {"Start Date": "startDate", "End Date": "endDate"},
)
_SKILLS = Table("skills", {"Name": "name"})
_LANGUAGES = Table("languages", {"Name": "language", "Proficiency": "fluency"})
_CERTIFICATIONS = Table(
    "certificates",
    {"Name": "name", "Url": "url", "Authority": "issuer", "License Number": "licenseNumber"},
    {"Started On": "date", "Finished On": "expires"},
)
_PROJECTS = Table("projects", {"Title": "name", "Description": "description", "Url": "url"}, _PERIOD)
_HONORS = Table(
    "awards", {"Title": "title", "Description": "summary", "Issuer": "awarder"}, {"Issued On": "date"}
)
_PUBLICATIONS = Table(
    "publications",
    {"Name": "name", "Description": "summary", "Publisher": "publisher", "Url": "url"},
    {"Published On": "releaseDate"},
)
_PATENTS = Table(
    "patents",
    {"Title": "name", "Description": "summary", "Url": "url", "Number": "number", "Issuer": "issuer"},
    {"Issued On": "date", "Filed On": "filed"},
)
_COURSES = Table("courses", {"Name": "name", "Number": "number"})
_VOLUNTEERING = Table(
    "volunteer",
    {
        "Company Name": "organization",
        "Organization": "organization",
        "Role": "position",
        "Cause": "cause",
        "Description": "summary",
    },
    _PERIOD,
)
_RECOMMENDATIONS = Table(
    "references",
    {"Job Title": "position", "Company": "company", "Text": "reference"},
    {"Creation Date": "date"},
    ("First Name", "Last Name"),
    frozenset({"Status"}),
)
_ORGANIZATIONS = Table(
    "organizations", {"Name": "organization", "Position": "position", "Description": "summary"}, _PERIOD
)
_TESTS = Table(
    "testScores", {"Name": "name", "Score": "score", "Description": "summary"}, {"Taken On": "date"}
)
_INTERESTS = Table("interests", {"Interests": "name", "Name": "name"})

ORDER = [
    _PROFILE,
    _EMAILS,
    _PHONES,
    _POSITIONS,
    _EDUCATION,
    _SKILLS,
    _LANGUAGES,
    _CERTIFICATIONS,
    _PROJECTS,
    _HONORS,
    _PUBLICATIONS,
    _PATENTS,
    _COURSES,
    _VOLUNTEERING,
    _ORGANIZATIONS,
    _TESTS,
    _INTERESTS,
    _RECOMMENDATIONS,
]
KNOWN = {
    "profile.csv": _PROFILE,
    "email addresses.csv": _EMAILS,
    "phonenumbers.csv": _PHONES,
    "phone numbers.csv": _PHONES,
    "positions.csv": _POSITIONS,
    "education.csv": _EDUCATION,
    "skills.csv": _SKILLS,
    "languages.csv": _LANGUAGES,
    "certifications.csv": _CERTIFICATIONS,
    "projects.csv": _PROJECTS,
    "honors.csv": _HONORS,
    "honors & awards.csv": _HONORS,
    "publications.csv": _PUBLICATIONS,
    "patents.csv": _PATENTS,
    "courses.csv": _COURSES,
    "volunteering.csv": _VOLUNTEERING,
    "volunteer experiences.csv": _VOLUNTEERING,
    "volunteering experiences.csv": _VOLUNTEERING,
    "organizations.csv": _ORGANIZATIONS,
    "test scores.csv": _TESTS,
    "interests.csv": _INTERESTS,
    "recommendations received.csv": _RECOMMENDATIONS,
}


def base_name(name: str) -> str:
    """What a file is called, whichever folder it is in, and however an export of its year wrote it."""
    return name.rsplit("/", 1)[-1].replace("_", " ").strip().lower()


def read(rows: Reader, table: Table, draft: Draft) -> None:
    """Adds the rows to their section."""
    part = draft.one(table.section)
    for row in rows.all():
        entry = Entry()
        if name := " ".join(filter(None, map(row.text, table.name))):
            entry.put("name", name)
        for column, member in table.texts.items():
            if member not in entry:
                entry.put(member, row.text(column))
        for column, member in table.dates.items():
            draft.date(entry, member, row.get(column))
        shown = _is_shown(row) if "Status" in table.beside else True
        entry.add(_named(row.rest()))
        part.add(entry, visible=shown)


def _is_shown(row: Reader) -> bool:
    """A recommendation is shown in the profile, or waits there until it is, or is hidden."""
    status = row.get("Status")
    known = str(status.value).strip().upper()
    if known in ("VISIBLE", "HIDDEN", "PENDING"):
        status.take()
    return known == "VISIBLE" or not status


def _named(rest: dict[str, str]) -> dict[str, str]:
    """Columns as members are written: `Field Of Study` is `fieldOfStudy`."""
    return {_member(column): value for column, value in rest.items()}


def _member(column: str) -> str:
    first, *others = column.split() or [column]
    return first.lower() + "".join(word.capitalize() for word in others)
