"""A table of LinkedIn as rows by column, whatever notes stand before it."""

import csv
from io import StringIO
from typing import Any

from api.imports.problems import Unreadable, kind_of
from api.imports.reading import written

MOST_ROWS = 5000


def read_rows(content: Any, name: str, columns: frozenset[str]) -> list[dict[str, str]]:
    """The rows below the first line that has some of `columns`. Raises Unreadable."""
    path = written((name,))
    rows = _rows(_text(content, path), path)
    least = 2 if len(columns) > 2 else 1
    start = next((index for index, row in enumerate(rows) if len(columns & set(_cells(row))) >= least), None)
    if start is None:
        if not any(map(any, rows)):
            return []
        raise Unreadable(path, f"Expected a line with some of the columns {', '.join(sorted(columns))}.")
    header = _cells(rows[start])
    found = [_row(header, row) for row in rows[start + 1 :] if any(cell.strip() for cell in row)]
    if len(found) > MOST_ROWS:
        raise Unreadable(path, f"The table has more than {MOST_ROWS} rows.")
    return found


def _text(content: Any, path: str) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    if not isinstance(content, bytes):
        raise Unreadable(path, f"Expected the text of a table, found {kind_of(content)}.")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(path, "The text is not UTF-8.") from error


def _rows(text: str, path: str) -> list[list[str]]:
    reader = csv.reader(StringIO(text, newline=""), strict=False)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > MOST_ROWS + 100:  # some lines of notes, and no more than we would keep
                raise Unreadable(path, f"The table has more than {MOST_ROWS} rows.")
    except csv.Error as error:
        raise Unreadable(path, f"Line {reader.line_num} is no row of a table: {error}.") from error
    return rows


def _cells(row: list[str]) -> list[str]:
    return [cell.strip() for cell in row]


def _row(header: list[str], row: list[str]) -> dict[str, str]:
    """A row by the names of its columns; a cell beyond them, or below a name that was there, by its number."""
    found: dict[str, str] = {}
    for index, cell in enumerate(row):
        name = header[index] if index < len(header) else ""
        found[name if name and name not in found else f"column {index + 1}"] = cell
    return found
