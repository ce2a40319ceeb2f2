"""LinkedIn's export of one's own data: a ZIP archive of tables (CSV), basic or complete."""

from typing import Any

from api.imports.drafts import Draft
from api.imports.linkedin import profile, tables
from api.imports.linkedin.csv_source import read_rows
from api.imports.reading import Reader

NAME = "linkedin-zip"
_ALWAYS = frozenset({"profile.csv", "positions.csv", "education.csv", "skills.csv"})


def recognises(source: Any) -> bool:
    """Whether it has files as of an export: a table by the name of each."""
    return isinstance(source, dict) and any(tables.base_name(name) in _ALWAYS for name in source)


def read(source: Reader, draft: Draft) -> None:
    """Puts `source` into `draft`. Raises Unreadable.

    What is told beside the person (connections, messages, what was clicked on) is no part of a resume: these files
    are named, and not opened.
    """
    files = source.value
    known = {name: tables.KNOWN[key] for name in files if (key := tables.base_name(name)) in tables.KNOWN}
    for name, table in known.items():
        files[name] = read_rows(files[name], name, table.columns)
    for name in files.keys() - known.keys():
        files[name] = "a file that is no part of a resume"
    for name, table in sorted(known.items(), key=lambda found: tables.ORDER.index(found[1])):
        if table.section:
            tables.read(source.get(name), table, draft)
        else:
            profile.read(source.get(name), tables.base_name(name), draft)
