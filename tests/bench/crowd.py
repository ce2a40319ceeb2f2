"""Many resumes in a database, made from one that the service wrote itself: its rows, whatever tables they are in, are
copied with new ids. Only for SQLite."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from common.ids import new_id

Row = dict[str, Any]
MARK = "mark0000"
"""In what the first resume says, this word is another one in each copy: `mark0001`, `mark0002`, …"""
_AT_ONCE = 500


def multiply(
    file: Path, resume_id: UUID, count: int, *, owner_id: UUID | None = None, words: int = 1000
) -> None:
    """Copy the resume `count` times: for `owner_id`, or each for somebody else. `words` is how many marks there are."""
    with sqlite3.connect(file) as database:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA foreign_keys=OFF")
        tables = list(_tables(database))
        originals = {table: _rows(database, table, key, resume_id) for table, key in tables}
        owner = originals["resumes"][0]["owner_id"]
        for start in range(0, count, _AT_ONCE):
            batch: dict[str, list[Row]] = {table: [] for table, _ in tables}
            for number in range(start, min(start + _AT_ONCE, count)):
                somebody = (owner_id or new_id()).hex
                for table, rows in _copy(originals, owner, somebody, f"mark{number % words:04d}").items():
                    batch[table] += rows
            for table, rows in batch.items():
                _insert(database, table, rows)
    database.close()


def _tables(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """The tables that hold rows of a resume, `resumes` first, and the column that says of which."""
    yield "resumes", "id"
    named = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' ORDER BY rowid"
    )
    for (table,) in named.fetchall():
        columns = {row["name"] for row in database.execute(f'PRAGMA table_info("{table}")')}
        if "resume_id" in columns and table != "resumes":
            yield table, "resume_id"


def _rows(database: sqlite3.Connection, table: str, key: str, resume_id: UUID) -> list[Row]:
    found = database.execute(f'SELECT * FROM "{table}" WHERE {key} = ?', (resume_id.hex,))
    return [dict(row) for row in found.fetchall()]


def _copy(originals: dict[str, list[Row]], owner: str, somebody: str, mark: str) -> dict[str, list[Row]]:
    """One copy of all rows. Ids that rows have among themselves stay the same among their copies."""
    known = {owner: somebody}
    for rows in originals.values():
        known |= {row["id"]: new_id().hex for row in rows if isinstance(row.get("id"), str)}
    pattern = re.compile("|".join([MARK, *map(re.escape, known)]))
    known[MARK] = mark

    def renewed(name: str, value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda found: known[found[0]], value)
        return None if name == "id" else value  # a number that the database gives

    return {
        table: [{name: renewed(name, value) for name, value in row.items()} for row in rows]
        for table, rows in originals.items()
    }


def _insert(database: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    if rows:
        names = ", ".join(f'"{name}"' for name in rows[0])
        places = ", ".join(f":{name}" for name in rows[0])
        database.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)
