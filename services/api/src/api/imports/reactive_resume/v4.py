"""Version 4: `{basics, sections, metadata}`; what is rich text is called `summary`, periods and dates `date`."""

from typing import Any

from api.imports import prose
from api.imports.drafts import Draft, Part
from api.imports.reactive_resume.items import (
    Kind,
    arrange,
    convert,
    open_part,
    put_link,
    read_profiles,
    read_summary,
    shows,
)
from api.imports.reading import Reader

_SUMMARY = ("summary", "summary")
KINDS = {
    "experience": Kind(
        section="work",
        texts={"company": "name", "position": "position", "location": "location"},
        period="date",
        prose=_SUMMARY,
        highlights=True,
    ),
    "volunteer": Kind(
        section="volunteer",
        texts={"organization": "organization", "position": "position", "location": "location"},
        period="date",
        prose=_SUMMARY,
        highlights=True,
    ),
    "education": Kind(
        section="education",
        texts={"institution": "institution", "studyType": "studyType", "area": "area", "score": "score"},
        period="date",
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
        texts={"name": "name", "issuer": "issuer"},
        date=("date", "date"),
        prose=_SUMMARY,
    ),
    "publications": Kind(
        section="publications",
        texts={"name": "name", "publisher": "publisher"},
        date=("date", "releaseDate"),
        prose=_SUMMARY,
    ),
    "skills": Kind(
        section="skills",
        texts={"name": "name", "description": "level"},
        lists={"keywords": "keywords"},
        rating="level",
    ),
    "languages": Kind(
        section="languages", texts={"name": "language", "description": "fluency"}, rating="level"
    ),
    "interests": Kind(section="interests", texts={"name": "name"}, lists={"keywords": "keywords"}),
    "references": Kind(
        section="references",
        texts={"name": "name", "description": "position"},
        prose=("summary", "reference"),
    ),
    "projects": Kind(
        section="projects",
        texts={"name": "name", "description": "description"},
        lists={"keywords": "keywords"},
        period="date",
        prose=_SUMMARY,
        highlights=True,
    ),
}
PROFILE = Kind(section="profiles", texts={"network": "network", "username": "username"})
CUSTOM = Kind(
    section="",
    texts={"name": "name", "description": "description"},
    lists={"keywords": "keywords"},
    period="date",
    prose=_SUMMARY,
    highlights=True,
    rating="level",
)


def read(source: Reader, draft: Draft) -> None:
    _read_basics(source.object("basics"), draft)
    sections, parts = source.object("sections"), dict[str, Part]()
    for section in sections.members():
        _read_section(section.object(), draft, parts)
    _read_metadata(source.object("metadata"), draft, parts)


def _read_basics(basics: Reader, draft: Draft) -> None:
    entry = draft.basics
    for name, target in {"name": "name", "headline": "label", "email": "email", "phone": "phone"}.items():
        entry.put(target, basics.text(name))
    put_link(entry, basics.get("url"))
    entry.put("location", {"address": basics.text("location")})
    picture = basics.object("picture")
    if picture.get("effects").flag("hidden") is not True:
        entry.put("image", picture.text("url"))
    for field in basics.elements("customFields"):
        name, value = field.text("name"), field.text("value")
        entry.add({name or "customField": value} if value else {"customField": name})
    entry.add(basics.rest("picture", "customFields"))


def _read_section(section: Reader, draft: Draft, parts: dict[str, Part]) -> None:
    name = section.name
    if section.get("id").value == name:
        section.text("id")
    if name == "summary":
        read_summary(draft, section)
    elif name == "profiles":
        read_profiles(draft, section, PROFILE)
    elif name == "custom":
        for custom in section.members():
            parts[f"custom.{custom.name}"] = _read_items(
                custom.object(), draft, _heading(custom.value), CUSTOM
            )
    elif name in KINDS:
        parts[name] = _read_items(section, draft, KINDS[name].section, KINDS[name])
    elif isinstance(section.value, dict) and "items" in section.value:
        parts[name] = _read_items(section, draft, name, CUSTOM)


def _heading(section: Any) -> str:
    heading = section.get("name") if isinstance(section, dict) else None
    return heading if isinstance(heading, str) else "custom"


def _read_items(section: Reader, draft: Draft, name: str, kind: Kind) -> Part:
    part = open_part(draft, section, name, kind=kind.section)
    for item in section.elements("items"):
        part.add(convert(item.object(), kind, draft), visible=shows(item))
    return part


def _read_metadata(metadata: Reader, draft: Draft, parts: dict[str, Part]) -> None:
    draft.say_page_size(metadata.get("page").get("format"))
    draft.say_language(metadata.get("locale"))
    draft.meta.put("notes", prose.text(metadata.text("notes")))
    pages = [
        [reference for column in page.all() for reference in column.all()] for page in metadata.all("layout")
    ]
    arrange(draft, pages, parts)
