"""A resume with everything that JSON Resume 1.3.1 has, and the strings that its PDF must show."""

import re
import unicodedata
from typing import Any

import pypdfium2

FULL: dict[str, Any] = {
    "$schema": "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json",
    "basics": {
        "name": "Zoë Ångström-Keller",
        "label": "Staff Engineer",
        "email": "zoe@example.org",
        "phone": "+49 30 901820",
        "url": "https://zoe.example.org/about?lang=en",
        "summary": "Builds systems that stay up. First to ask why, last to say “rewrite”.",
        "location": {
            "address": "Große Straße 5",
            "postalCode": "10115",
            "city": "Berlin",
            "countryCode": "DE",
            "region": "Brandenburg",
        },
        "profiles": [{"network": "Mastodon", "username": "zoe", "url": "https://social.example.org/@zoe"}],
    },
    "work": [
        {
            "name": "Deep Thought & Sons",
            "position": "Principal Engineer",
            "url": "https://deepthought.example.com",
            "location": "Magrathea",
            "description": "Planet-sized computing",
            "startDate": "2019-03-01",
            "endDate": "2024-06",
            "summary": "Led the team that answered the ultimate question in 7.5 million years.",
            "highlights": [
                "Cut the answer's latency by 42 %",
                "Taught 100 % of mice to read #metrics $daily_report$",
            ],
        },
        {
            "name": "Sirius Cybernetics",
            "position": "Engineer",
            "startDate": "2015",
            "highlights": ["Doors with 😀 moods"],
        },
    ],
    "volunteer": [
        {
            "organization": "Library of Babel",
            "position": "Shelver",
            "url": "https://babel.example.org",
            "startDate": "2012-01",
            "endDate": "2013-01",
            "summary": "Put books back.",
            "highlights": ["Found the catalogue of catalogues"],
        }
    ],
    "education": [
        {
            "institution": "ETH Zürich",
            "url": "https://ethz.example.ch",
            "area": "Computer Science",
            "studyType": "MSc",
            "startDate": "2010-09",
            "endDate": "2012-07",
            "score": "5.75/6",
            "courses": ["252-0027 Algorithms", "Type Theory"],
        }
    ],
    "awards": [
        {"title": "Golden Towel", "date": "2020-05-25", "awarder": "Guide Foundation", "summary": "For calm."}
    ],
    "certificates": [
        {
            "name": "Certified Pangalactic",
            "date": "2021-02",
            "issuer": "PGB Institute",
            "url": "https://pgb.example.com",
        }
    ],
    "publications": [
        {
            "name": "On Improbability",
            "publisher": "Journal of Odds",
            "releaseDate": "2018-11-02",
            "url": "https://odds.example.com/1",
            "summary": "Proves that it could happen.",
        }
    ],
    "skills": [{"name": "Distributed systems", "level": "Master", "keywords": ["Raft", "Paxos", "CRDTs"]}],
    "languages": [
        {"language": "Deutsch", "fluency": "Muttersprache"},
        {"language": "عربية", "fluency": "جيد"},
    ],
    "interests": [{"name": "Cartography", "keywords": ["Mercator", "isoclines"]}],
    "references": [{"name": "Marvin P.", "reference": "I would praise her, but what is the point."}],
    "projects": [
        {
            "name": "Infinite Loop",
            "description": "A roller-coaster controller",
            "highlights": ["Still running"],
            "keywords": ["Rust", "PLC"],
            "startDate": "2022-01",
            "endDate": "2023-01",
            "url": "https://loop.example.dev",
            "roles": ["Maintainer"],
            "entity": "Loop Collective",
            "type": "application",
        }
    ],
    "meta": {"version": "v1.0.0", "lastModified": "2024-01-01T00:00:00Z"},
    "x-hobby-horse": {"kept": ["even", {"this": None}]},
}

_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")
_NOT_SHOWN = frozenset({"$schema", "meta", "image", "x-hobby-horse"})


def strings(value: Any) -> list[str]:
    """Every string of a document that a reader must find: all but dates (which are written out) and metadata."""
    if isinstance(value, dict):
        return [s for key, inner in value.items() if key not in _NOT_SHOWN for s in strings(inner)]
    if isinstance(value, list):
        return [s for inner in value for s in strings(inner)]
    return [value] if isinstance(value, str) and value and not _DATE.fullmatch(value) else []


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def missing(document: Any, pdf: bytes) -> list[str]:
    """The strings of a document that its PDF does not show. Addresses may be short, since a link leads where it leads, and
    name their network themselves (`linkedin.com`), beside its icon."""
    text = text_of(pdf)
    plain = squeezed(text)
    left = [string for string in missing_in(document, text) if squeezed(shortened(string)) not in plain]
    return [string for string in left if string not in _networks(document) or string.lower() not in plain]


def _networks(document: Any) -> set[str]:
    profiles = (document.get("basics") or {}).get("profiles") or []
    return {str(profile.get("network")) for profile in profiles}


def shortened(address: str) -> str:
    """A web address without its scheme, `www.` and last slash; any other string as it is."""
    found = re.fullmatch(r"https?://(?:www\.)?(.*?)/?", address)
    return found[1] if found else address


def missing_in(document: Any, text: str) -> list[str]:
    """The strings of a document that are not in the text of a file."""
    plain = squeezed(text)
    return [string for string in strings(document) if squeezed(string) not in plain]


def squeezed(text: str) -> str:
    """`text` without white space, in NFKC: line breaks and ligatures are not differences."""
    return "".join(unicodedata.normalize("NFKC", text).split())
