"""Version 5: `{picture, basics, summary, sections, customSections, metadata}`; rich text is called `description`."""

from api.imports import prose
from api.imports.drafts import Draft, Entry, Part
from api.imports.reactive_resume.items import (
    TECHNICAL,
    Kind,
    arrange,
    convert,
    open_part,
    put_link,
    put_prose,
    read_profiles,
    read_summary,
    shows,
)
from api.imports.reading import Reader

_SUMMARY = ("description", "summary")
KINDS = {
    "experience": Kind(
        section="work",
        texts={"company": "name", "position": "position", "location": "location"},
        period="period",
        prose=_SUMMARY,
        highlights=True,
    ),
    "volunteer": Kind(
        section="volunteer",
        texts={"organization": "organization", "location": "location"},
        period="period",
        prose=_SUMMARY,
        highlights=True,
    ),
    "education": Kind(
        section="education",
        texts={
            "school": "institution",
            "degree": "studyType",
            "area": "area",
            "grade": "score",
            "location": "location",
        },
        period="period",
        prose=_SUMMARY,
        highlights=True,
    ),
    "awards": Kind(
        section="awards",
        texts={"title": "title", "awarder": "awarder"},
        date=("date", "date"),
        prose=_SUMMARY,
    ),
    "certifications": Kind(
        section="certificates",
        texts={"title": "name", "issuer": "issuer"},
        date=("date", "date"),
        prose=_SUMMARY,
    ),
    "publications": Kind(
        section="publications",
        texts={"title": "name", "publisher": "publisher"},
        date=("date", "releaseDate"),
        prose=_SUMMARY,
    ),
    "skills": Kind(
        section="skills",
        texts={"name": "name", "proficiency": "level"},
        lists={"keywords": "keywords"},
        rating="level",
    ),
    "languages": Kind(
        section="languages", texts={"language": "language", "fluency": "fluency"}, rating="level"
    ),
    "interests": Kind(section="interests", texts={"name": "name"}, lists={"keywords": "keywords"}),
    "references": Kind(
        section="references",
        texts={"name": "name", "position": "position", "phone": "phone"},
        prose=("description", "reference"),
    ),
    "projects": Kind(
        section="projects",
        texts={"name": "name"},
        period="period",
        prose=("description", "description"),
        highlights=True,
    ),
    "profiles": Kind(section="profiles", texts={"network": "network", "username": "username"}),
    "summary": Kind(section="summary", prose=("content", "text")),
}


def read(source: Reader, draft: Draft) -> None:
    parts: dict[str, Part] = {}
    _read_basics(source.object("basics"), draft)
    picture = source.object("picture")
    if picture.flag("hidden") is not True:
        draft.basics.put("image", picture.text("url"))
    read_summary(draft, source.object("summary"))
    for section in source.object("sections").members():
        _read_section(section.object(), draft, parts)
    for custom in source.elements("customSections"):
        _read_custom(custom.object(), draft, parts)
    _read_metadata(source.object("metadata"), draft, parts)


def _read_basics(basics: Reader, draft: Draft) -> None:
    entry = draft.basics
    for name, target in {"name": "name", "headline": "label", "email": "email", "phone": "phone"}.items():
        entry.put(target, basics.text(name))
    put_link(entry, basics.get("website"))
    entry.put("location", {"address": basics.text("location")})
    fields = []
    for field in basics.elements("customFields"):
        text, link = field.text("text"), field.text("link")
        fields.append(f"{text} ({link})" if text and link and link not in text else text or link)
    entry.put("customFields", fields)
    entry.add(basics.rest("customFields"))


def _read_section(section: Reader, draft: Draft, parts: dict[str, Part]) -> None:
    kind = KINDS.get(section.name)
    if section.name == "profiles":
        read_profiles(draft, section, KINDS["profiles"])
    elif kind is not None:
        parts[section.name] = _read_items(section, draft, kind.section, kind)
    elif isinstance(section.value, dict) and "items" in section.value:
        parts[section.name] = _read_items(section, draft, section.name, Kind(section=""))


def _read_custom(custom: Reader, draft: Draft, parts: dict[str, Part]) -> None:
    """A section of the writer's own, with items of a known kind."""
    named = custom.get("type")
    known = isinstance(named.value, str) and named.value in KINDS
    kind = KINDS[named.text()] if known else Kind(section="")
    heading = custom.get("title").value
    part = _read_items(custom, draft, heading if isinstance(heading, str) and heading else "custom", kind)
    own_id = custom.get("id").value
    if isinstance(own_id, str):
        parts[own_id] = part


def _read_items(section: Reader, draft: Draft, name: str, kind: Kind) -> Part:
    part = open_part(draft, section, name, kind=kind.section)
    for item in section.elements("items"):
        visible = shows(item.object())
        roles = _roles(item, draft)
        part.add(convert(item, kind, draft), visible=visible)
        for role in roles:
            part.add(role, visible=visible)
    return part


def _roles(item: Reader, draft: Draft) -> list[Entry]:
    """The roles that somebody had in one place after each other; JSON Resume has an entry for each."""
    found = []
    for role in item.elements("roles"):
        entry = Entry()
        entry.put("name", item.text("company"))
        entry.put("position", role.text("position"))
        draft.period(entry, role.get("period"))
        put_prose(entry, role.get("description"), "summary", highlights=True)
        entry.add(role.rest(*TECHNICAL))
        found.append(entry)
    return found


def _read_metadata(metadata: Reader, draft: Draft, parts: dict[str, Part]) -> None:
    page = metadata.get("page")
    draft.say_page_size(page.get("format"))
    draft.say_language(page.get("locale"))
    draft.meta.put("notes", prose.text(metadata.text("notes")))
    pages = [[*layout.all("main"), *layout.all("sidebar")] for layout in metadata.get("layout").all("pages")]
    arrange(draft, pages, parts)
