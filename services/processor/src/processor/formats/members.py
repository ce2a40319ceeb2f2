"""The members of a document in the order that people expect: what is kept of a version has them by the alphabet."""

from typing import Any

# Those of JSON Resume 1.3.1: what something is, who and where, when, then the words about it.
_ORDER = (
    *("name", "title", "institution", "organization", "language", "network", "label", "position"),
    *("area", "studyType", "level", "fluency", "username", "image", "email", "phone", "entity", "type"),
    *("publisher", "awarder", "issuer", "url", "location", "address", "postalCode", "city", "countryCode"),
    *("region", "date", "releaseDate", "startDate", "endDate", "score", "description", "summary"),
    *("reference", "highlights", "keywords", "courses", "roles", "profiles"),
)
_RANKS = {name: rank for rank, name in enumerate(_ORDER)}


def in_order(content: dict[str, Any]) -> dict[str, Any]:
    """The same document: its sections where they were, members of parts as people expect them, unknown ones last."""
    return {name: _ordered(value) for name, value in content.items()}


def _ordered(value: Any) -> Any:
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if not isinstance(value, dict):
        return value
    members = sorted(value.items(), key=lambda member: _RANKS.get(member[0], len(_RANKS)))
    return {name: _ordered(inner) for name, inner in members}
