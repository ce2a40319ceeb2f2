"""Version 3 of Europass: `SkillsPassport` with `LearnerInfo`.

In XML a date is `<From year="2001" month="--03"/>` and lists stand in an element of their own; in JSON it is
`{"Year": 2001, "Month": 3}` and lists are lists.
"""

import re

from api.imports import prose
from api.imports.drafts import Draft, Entry
from api.imports.europass.common import add_rest, label, listed, put_links, put_prose, say_ongoing
from api.imports.reading import Reader

NATIVE = "Native"
_TECHNICAL = ("Documentation", "ReferenceTo", "ReferenceToList")
_LEVELS = {
    "Listening": "listening",
    "Reading": "reading",
    "SpokenInteraction": "spokenInteraction",
    "SpokenProduction": "spokenProduction",
    "Writing": "writing",
}
_SKILLS = {
    "Communication": "Communication",
    "Organisational": "Organisational",
    "JobRelated": "Job-related",
    "Computer": "Digital",
    "Driving": "Driving licence",
    "Other": "Other",
}


def read(passport: Reader, draft: Draft) -> None:
    draft.say_language(passport.get("@locale", "Locale"))
    info = passport.object("LearnerInfo")
    _read_identification(info.object("Identification"), draft)
    _read_headline(info.get("Headline"), draft.basics)
    for work in listed(info, "WorkExperience"):
        draft.one("work").add(_work(work.object()))
    for education in listed(info, "Education"):
        draft.one("education").add(_education(education.object()))
    _read_skills(info.object("Skills"), draft)
    for achievement in listed(info, "Achievement"):
        draft.one("achievements").add(_achievement(achievement.object()))


def _read_identification(person: Reader, draft: Draft) -> None:
    basics, name, contact = draft.basics, person.get("PersonName"), person.get("ContactInfo")
    basics.put("name", " ".join(filter(None, [name.text("FirstName"), name.text("Surname")])))
    basics.put("honorific", label(name.get("Title")))
    basics.put("email", contact.text("Email") or contact.get("Email").text("Contact"))
    phones = [phone.text("Contact") for phone in listed(contact, "Telephone")]
    basics.put("phone", next(iter(phones), ""))
    basics.put("phones", phones[1:])
    basics.put("location", _address(contact.get("Address").get("Contact")))
    _read_websites(contact, basics)
    demographics = person.get("Demographics")
    _put_date(basics, "birthDate", demographics.get("Birthdate"))
    basics.put("gender", label(demographics.get("Gender")))
    basics.put("nationalities", [label(nationality) for nationality in listed(demographics, "Nationality")])


def _read_websites(contact: Reader, basics: Entry) -> None:
    websites = [(site.text("Contact"), label(site.get("Use"))) for site in listed(contact, "Website")]
    if websites:
        basics.put("url", websites[0][0])
        basics.put("urlLabel", websites[0][1])
    profiles = [_profile(url, use, "url") for url, use in websites[1:]]
    for messenger in listed(contact, "InstantMessaging"):
        profiles.append(_profile(messenger.text("Contact"), label(messenger.get("Use")), "username"))
    basics.put("profiles", profiles)


def _profile(contact: str, use: str, member: str) -> Entry:
    profile = Entry()
    profile.put("network", use)
    profile.put(member, contact)
    return profile


def _address(address: Reader) -> Entry:
    found = Entry()
    lines = [address.text(name) for name in ("AddressLine", "AddressLine2")]
    found.put("address", ", ".join(filter(None, lines)))
    found.put("postalCode", address.text("PostalCode"))
    found.put("city", address.text("Municipality"))
    country = address.get("Country")
    found.put("countryCode", country.text("Code"))
    found.put("country", country.text("Label"))
    return found


def _read_headline(headline: Reader, basics: Entry) -> None:
    """What the person is or wants; a personal statement is a summary."""
    kind, said = headline.get("Type"), headline.get("Description")
    if kind.get("Code").value == "personal_statement":
        kind.text("Code")
        basics.put("summary", prose.text(label(said)))
    else:
        basics.put("label", prose.text(label(said)))
    basics.put("headlineType", kind.text("Label"))


def _work(work: Reader) -> Entry:
    entry, employer = Entry(), work.get("Employer")
    entry.put("name", employer.text("Name"))
    entry.put("position", label(work.get("Position")))
    _put_period(entry, work.get("Period"))
    put_prose(entry, work.get("Activities"))
    _put_contact(entry, employer.get("ContactInfo"))
    entry.put("sector", label(employer.get("Sector")))
    add_rest(entry, work, *_TECHNICAL)
    return entry


def _education(education: Reader) -> Entry:
    entry, school = Entry(), education.get("Organisation")
    entry.put("institution", school.text("Name"))
    entry.put("studyType", label(education.get("Title")))
    entry.put("area", label(education.get("Field")))
    _put_period(entry, education.get("Period"))
    put_prose(entry, education.get("Activities"))
    _put_contact(entry, school.get("ContactInfo"))
    entry.put("level", label(education.get("Level")))
    add_rest(entry, education, *_TECHNICAL)
    return entry


def _put_contact(entry: Entry, contact: Reader) -> None:
    """Where an organisation is; JSON Resume has one text for it."""
    address = _address(contact.get("Address").get("Contact"))
    place = [address.get("address"), address.get("postalCode"), address.get("city")]
    place.append(address.get("country") or address.get("countryCode"))
    entry.put("location", ", ".join(part for part in place if part))
    if "country" in address:
        entry.put("countryCode", address.get("countryCode"))
    put_links(entry, [site.text("Contact") for site in listed(contact, "Website")])


def _put_period(entry: Entry, period: Reader) -> None:
    _put_date(entry, "startDate", period.get("From"))
    _put_date(entry, "endDate", period.get("To"))
    say_ongoing(entry, period.get("Current"))


def _put_date(entry: Entry, name: str, date: Reader) -> None:
    """A date in parts: `year="2001" month="--03" day="---10"`, or `Year`, `Month`, `Day`."""
    parts = [date.get(f"@{part}", part.capitalize()) for part in ("year", "month", "day")]
    digits = [re.fullmatch(r"-{0,3}(\d{1,4})", str(part.value)) for part in parts]
    known = 0
    while known < 3 and digits[known]:
        known += 1
    if known:
        numbers = [found[1] for found in digits[:known] if found]
        entry.put(name, "-".join([numbers[0].zfill(4), *(number.zfill(2) for number in numbers[1:])]))
        for part in parts[:known]:
            part.take()


def _read_skills(skills: Reader, draft: Draft) -> None:
    linguistic = skills.get("Linguistic")
    for tongue in listed(linguistic, "MotherTongue"):
        draft.one("languages").add(Entry(language=label(tongue.get("Description")), fluency=NATIVE))
    for language in listed(linguistic, "ForeignLanguage"):
        draft.one("languages").add(_language(language.object()))
    for name, heading in _SKILLS.items():
        if skill := skills.get(name):
            draft.one("skills").add(_skill(skill.object(), heading))


def _language(language: Reader) -> Entry:
    entry, levels = Entry(), language.get("ProficiencyLevel")
    entry.put("language", label(language.get("Description")))
    said = {target: levels.text(name) for name, target in _LEVELS.items()}
    if len(set(said.values())) == 1:
        entry.put("fluency", next(iter(said.values())))
    else:
        for target, level in said.items():
            entry.put(target, level)
    _put_certificates(entry, language)
    add_rest(entry, language, *_TECHNICAL)
    return entry


def _skill(skill: Reader, heading: str) -> Entry:
    entry, description = Entry(name=heading), skill.get("Description")
    licences = description.texts("Licence") or (
        description.texts() if isinstance(description.value, list) else []
    )
    entry.put("keywords", licences)
    put_prose(entry, description, highlights=False)
    for area in skill.get("ProficiencyLevel").members():
        entry.put(area.name[:1].lower() + area.name[1:], area.text())
    _put_certificates(entry, skill)
    add_rest(entry, skill, *_TECHNICAL)
    return entry


def _put_certificates(entry: Entry, skill: Reader) -> None:
    found = listed(skill.get("VerifiedBy"), "Certificate") or listed(skill, "Certificate")
    entry.put("certificates", [title for certificate in found if (title := certificate.text("Title"))])


def _achievement(achievement: Reader) -> Entry:
    entry = Entry()
    entry.put("title", label(achievement.get("Title")))
    put_prose(entry, achievement.get("Description"))
    add_rest(entry, achievement, "Title", *_TECHNICAL)
    return entry
