"""Europass: the Skills Passport of version 3 and the Candidate of version 4, as XML or as the same in JSON."""

from typing import Any

from api.imports.drafts import Draft
from api.imports.europass import candidate, learner
from api.imports.reading import Reader

NAME = "europass"
_PASSPORTS = ("SkillsPassport", "Europass")


def recognises(source: Any) -> bool:
    if not isinstance(source, dict):
        return False
    named = _without_prefixes(source)
    return any(isinstance(named.get(root), dict) for root in (*_PASSPORTS, "Candidate"))


def read(source: Reader, draft: Draft) -> None:
    """Puts `source` into `draft`. Raises Unreadable."""
    source.value = _without_prefixes(source.value)
    if isinstance(source.value.get("Candidate"), dict):
        candidate.read(source.get("Candidate"), draft)
    else:
        learner.read(source.get(*_PASSPORTS), draft)


def _without_prefixes(value: Any) -> Any:
    """JSON made of XML may have kept the prefixes of namespaces: `hr:OrganizationName`."""
    if isinstance(value, dict):
        return {name.rpartition(":")[2]: _without_prefixes(inner) for name, inner in value.items()}
    return [_without_prefixes(element) for element in value] if isinstance(value, list) else value
