"""Version 4 of Europass: `Candidate`, after HR-Open (HR-XML 3) with the additions of EURES."""

from typing import Any

from babel import Locale
from babel.core import get_global

from api.imports import prose
from api.imports.drafts import Draft, Entry
from api.imports.europass import lists
from api.imports.europass.common import add_rest, put_links, put_parts, put_period, put_prose
from api.imports.europass.learner import NATIVE
from api.imports.reading import Reader

_LEVELS = {
    "CEF-Understanding-Listening": "listening",
    "CEF-Understanding-Reading": "reading",
    "CEF-Speaking-Interaction": "spokenInteraction",
    "CEF-Speaking-Production": "spokenProduction",
    "CEF-Writing-Production": "writing",
}
_READ_HERE = frozenset(
    {
        "ID",
        "ExecutiveSummary",
        "EmploymentHistory",
        "EducationHistory",
        "PersonQualifications",
        "Attachment",
        "ProcessingInformation",
    }
)


def read(candidate: Reader, draft: Draft) -> None:
    person = candidate.object("CandidatePerson")
    if not person:
        person = candidate.get("CandidateSupplier").get("PersonContact")
    profile = candidate.object("CandidateProfile")
    draft.say_language(profile.get("@languageCode"))
    _read_person(person, draft)
    draft.basics.put("summary", prose.text(profile.text("ExecutiveSummary")))
    for employer in profile.get("EmploymentHistory").all("EmployerHistory"):
        for entry in _work(employer.object(), draft):
            draft.one("work").add(entry)
    for school in profile.get("EducationHistory").all("EducationOrganizationAttendance"):
        draft.one("education").add(_education(school.object(), draft))
    _read_languages(person, profile, draft)
    for member in profile.members():
        if member.name not in _READ_HERE:
            lists.read(member, draft)


def _read_person(person: Reader, draft: Draft) -> None:
    basics, name = draft.basics, person.get("PersonName")
    parts = [name.text("GivenName"), name.text("MiddleName"), name.text("FamilyName")]
    basics.put("name", " ".join(filter(None, parts)) or name.text("FormattedName"))
    contacts = _contacts(person.all("Communication"))
    for kind, (one, several) in {
        "email": ("email", "emails"),
        "phone": ("phone", "phones"),
        "web": ("url", "urls"),
        "place": ("location", "locations"),
    }.items():
        basics.put(one, next(iter(contacts[kind]), ""))
        basics.put(several, contacts[kind][1:])
    basics.put("profiles", contacts["profile"])
    draft.date(basics, "birthDate", person.get("BirthDate"))
    basics.put("gender", person.text("GenderCode"))
    basics.put("nationalities", person.texts("NationalityCode"))


def _contacts(communications: list[Reader]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {kind: [] for kind in ("email", "phone", "web", "place", "profile")}
    for communication in communications:
        if address := communication.get("Address"):
            found["place"].append(_place(address, communication))
        elif number := communication.text("DialNumber"):
            found["phone"].append(_phone(communication, number))
        else:
            _sort_in(communication, found)
    return found


def _sort_in(communication: Reader, found: dict[str, list[Any]]) -> None:
    """An address on the web or the like, by its channel."""
    channel = communication.get("ChannelCode")
    kind = str(channel.value).casefold()
    if kind in ("email", "web"):
        channel.take()
        found[kind].append(communication.text("URI"))
        return
    profile, address = Entry(), communication.text("URI")
    use = communication.get("UseCode")
    profile.put("network", communication.text("OtherTitle") or ("" if use.value == "other" else use.text()))
    if "network" not in profile:
        profile.put("network", channel.text())
    profile.put("url" if "://" in address else "username", address)
    found["profile"].append(profile)


def _phone(communication: Reader, number: str) -> str:
    """The number with the code of its country in front, which is how it is shown."""
    if communication.get("ChannelCode").value == "Telephone":
        communication.text("ChannelCode")
    country = communication.text("CountryDialing").lstrip("+")
    return f"+{country} {number}" if country else number


def _place(address: Reader, communication: Reader) -> Entry:
    place = Entry()
    place.put("address", ", ".join(address.texts("AddressLine")))
    put_parts(
        place,
        {
            "PostalCode": "postalCode",
            "CityName": "city",
            "CountrySubDivisionCode": "region",
            "CountryCode": "countryCode",
        },
        address,
    )
    place.put("label", communication.text("OtherTitle"))
    return place


def _work(employer: Reader, draft: Draft) -> list[Entry]:
    """An entry for each position; what is said of the employer stands in all, or in the first."""
    name, found = employer.text("OrganizationName"), []
    for position in employer.all("PositionHistory") or [employer.get("PositionHistory")]:
        entry = Entry()
        entry.put("name", name)
        entry.put("position", position.text("PositionTitle"))
        put_period(draft, entry, position.get("EmploymentPeriod"), ongoing=("CurrentIndicator", "Ongoing"))
        entry.put("location", ", ".join(filter(None, [position.text("City"), position.text("Country")])))
        put_prose(entry, position.get("Description"))
        add_rest(entry, position)
        found.append(entry)
    _put_organization(found[0], employer)
    found[0].put("industry", employer.text("IndustryCode"))
    put_links(found[0], employer.texts("Link"))
    add_rest(found[0], employer, "PositionHistory")
    return found


def _put_organization(entry: Entry, organization: Reader) -> None:
    contact = organization.get("OrganizationContact")
    contacts = _contacts(contact.all("Communication"))
    places = [", ".join(place.values()) for place in contacts["place"]]
    if places and "location" not in entry:
        entry.put("location", places.pop(0))
    entry.put("address", "; ".join(places))
    entry.put("email", ", ".join(contacts["email"]))
    entry.put("phone", ", ".join(contacts["phone"]))
    put_links(entry, contacts["web"])
    entry.put("contacts", contacts["profile"])


def _education(school: Reader, draft: Draft) -> Entry:
    entry, degree = Entry(), school.get("EducationDegree")
    entry.put("institution", school.text("OrganizationName"))
    entry.put("studyType", degree.text("DegreeName"))
    put_period(draft, entry, school.get("AttendancePeriod"), ongoing=("Ongoing", "CurrentIndicator"))
    entry.put("score", degree.get("FinalGrade").text("ScoreText"))
    put_prose(entry, degree.get("OccupationalSkillsCovered"))
    put_parts(entry, {"Thesis": "thesis", "CreditType": "creditType", "NumberOfCredit": "credits"}, degree)
    entry.put("level", school.text("EducationLevelCode"))
    _put_organization(entry, school)
    put_links(entry, school.texts("Link"))
    add_rest(entry, school)
    return entry


def _read_languages(person: Reader, profile: Reader, draft: Draft) -> None:
    for tongue in person.all("PrimaryLanguageCode"):
        draft.one("languages").add(Entry(language=_language_name(tongue.text(), draft), fluency=NATIVE))
    for competency in profile.get("PersonQualifications").all("PersonCompetency"):
        entry = Entry()
        if competency.get("TaxonomyID").value == "language":
            competency.text("TaxonomyID")
            name = competency.text("CompetencyID")
            entry.put("language", competency.text("CompetencyName") or _language_name(name, draft))
            _put_levels(entry, competency.all("CompetencyDimension"))
            add_rest(entry, competency)
            draft.one("languages").add(entry)
        else:
            entry.put("name", competency.text("CompetencyName") or competency.text("CompetencyID"))
            add_rest(entry, competency, "TaxonomyID")
            draft.one("skills").add(entry)


def _put_levels(entry: Entry, dimensions: list[Reader]) -> None:
    said: dict[str, str] = {}
    for dimension in dimensions:
        kind = dimension.text("CompetencyDimensionTypeCode")
        said[_LEVELS.get(kind, kind)] = dimension.get("Score").text("ScoreText")
    if len(said) == len(_LEVELS) and len(set(said.values())) == 1:
        entry.put("fluency", next(iter(said.values())))
    else:
        for name, level in said.items():
            entry.put(name, level)


def _language_name(code: str, draft: Draft) -> str:
    """A language by its name in the language of the resume; what is no code is a name already."""
    short = get_global("language_aliases").get(code.lower(), code.lower())
    try:
        names = Locale.parse(draft.language or "en", sep="-").languages
    except (ValueError, LookupError):
        names = Locale("en").languages
    return str(names.get(short, code)) if code.isalpha() and len(code) <= 3 else code
