"""JSON Resume, of any version: what we keep ourselves, so it is taken whole."""

from typing import Any

from api.contents import json_resume
from api.contents.document import split
from api.contents.snapshots import EMPTY, Snapshot, adopt

NAME = "json-resume"
_MEMBERS = frozenset(json_resume.SCHEMA) - {"$schema", "meta"}


def recognises(source: Any) -> bool:
    return isinstance(source, dict) and bool(_MEMBERS & source.keys()) and "sections" not in source


def snapshot(source: dict[str, Any]) -> Snapshot:
    return adopt(split(source), EMPTY).snapshot


warnings = json_resume.warnings
