"""Imports over HTTP, and the question that every format is asked: was anything lost?"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from api.contents.models import Item, Section
from api.resumes.models import Resume
from common.db import Database

PATH = "/api/v1/imports"
DOCUMENTS = Path(__file__).parent / "documents"

Import = Callable[..., Awaitable[Any]]


@pytest.fixture
def import_file(client: httpx.AsyncClient, owner: dict[str, str]) -> Import:
    """Imports a file as a form; what was made, with its content and its rows."""

    async def send(content: bytes, **fields: str) -> Any:
        answer = await client.post(PATH, files={"file": ("file", content)}, data=fields, headers=owner)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return send


@pytest.fixture
def read_back(client: httpx.AsyncClient, owner: dict[str, str], database: Database) -> Import:
    """What an import made: its `content` over HTTP, and its `rows`: title, looks and visible items by section."""

    async def read(made: Any) -> Any:
        path = f"/api/v1/resumes/{made['resume']['id']}/content"
        content = (await client.get(path, headers=owner)).json()
        async with database.read() as db:
            resume = await db.get_one(Resume, UUID(made["resume"]["id"]))
            sections = await db.scalars(
                select(Section).where(Section.resume_id == resume.id).order_by(Section.rank)
            )
            rows = {s.name: await _row(db, s) for s in sections}
        return {"content": content, "rows": rows, "pageSize": resume.page_size}

    return read


async def _row(db: Any, section: Section) -> dict[str, Any]:
    items = await db.scalars(select(Item).where(Item.section_id == section.id).order_by(Item.rank))
    return {
        "kind": section.kind,
        "title": section.title,
        "visible": section.visible,
        "columns": section.columns,
        "breaks": section.page_break_before,
        "items": [item.visible for item in items],
    }


def lost(
    source: Any, outcome: Any, warnings: list[dict[str, str]], *, told: tuple[str, ...] = (), same: Any = None
) -> list[tuple[str, Any]]:
    """The values of `source` that are neither in `outcome` nor named by a warning.

    `told` are paths of what a row tells in its own way (whether it shows, say), `same` the words for a value that is
    told in others (dates).
    """
    texts = {_plain(value) for _, value in _leaves(outcome)} | {_plain(name) for name in _names(outcome)}
    named = [_pattern(warning["path"]) for warning in warnings]
    accepted = [*named, *map(_pattern, told)]
    return [
        (path, value)
        for path, value in _leaves(source)
        if not any(pattern.match(path) for pattern in accepted)
        and not all(
            any(chunk in text for text in texts)
            for known in (same or {}).get(value, [value])
            for chunk in _chunks(known)
        )
    ]


def _leaves(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            part = f".{name}" if re.fullmatch(r"[\w$@#:-]+", name) else f'["{name}"]'
            yield from _leaves(inner, path + part)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    elif value is not None and str(value).strip():
        yield path, value


def _names(value: Any) -> Iterator[str]:
    """The names of members, where a field that the writer named himself is told."""
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names(inner)
    yield from value if isinstance(value, dict) else ()


def _pattern(path: str) -> re.Pattern[str]:
    written = re.escape(path).replace(r"\[\*\]", r"\[\d+\]").replace(r"\.\*", r"\.[^.\[]+")
    return re.compile(written + r"(?=$|[.\[])")


def _chunks(value: Any) -> list[str]:
    """A text in the pieces that it may be told in: between tags, lines, commas, and words and address of a link."""
    return [plain for piece in re.split(r"<[^<>]*>|\n|\]\(|, ", str(value)) if (plain := _plain(piece))]


def _plain(value: Any) -> str:
    return " ".join(re.findall(r"[\w@+]+", unescape(str(value)).casefold()))


def document(name: str) -> bytes:
    return (DOCUMENTS / name).read_bytes()


def as_json(name: str) -> Any:
    return json.loads(document(name))
