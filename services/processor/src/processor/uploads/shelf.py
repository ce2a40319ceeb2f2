"""The templates that can be rendered: those that ship with the service, and uploaded ones, each unpacked once.

A version never changes, so what was unpacked stays good. Which versions may be used is asked of the database each time.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import msgspec

from common.db import Database
from processor.rendering import Template
from processor.uploads import archives, queries
from processor.uploads.models import Upload


class Shelf:
    """`builtin` by id and version; uploaded templates from the database."""

    def __init__(self, database: Database, builtin: Mapping[tuple[str, int], Template]) -> None:
        self.builtin = builtin
        self._database = database
        self._folder = Path(tempfile.mkdtemp(prefix="resumax-templates-"))
        self._unpacked: dict[str, Template] = {}
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    @property
    def names(self) -> set[str]:
        """The ids of the templates that ship with the service."""
        return {name for name, _ in self.builtin}

    def newest(self, template_id: str) -> int | None:
        """The newest version of a template that ships with the service; None for others."""
        return max((version for name, version in self.builtin if name == template_id), default=None)

    async def find(self, template_id: str, version: int, *, user_id: UUID | None) -> Template | None:
        """A version that the user may use: what is everybody's, and their own. Also what is retired: documents have it."""
        if (template := self.builtin.get((template_id, version))) is not None:
            return template
        async with self._database.read() as db:
            row = await queries.version(db, template_id, version)
            if row is None or not _may_use(row, user_id):
                return None
            if (known := self._unpacked.get(_name(row))) is not None:
                return known
            row = await queries.with_archive(db, row.id)
        return None if row is None else await self.unpacked(row)

    async def unpacked(self, row: Upload) -> Template:
        """The template of a row that came with its archive. Raises TemplateRefused."""
        name = _name(row)
        async with self._turn:
            if name not in self._unpacked:
                template = await asyncio.to_thread(self._unpack, row.archive, self._folder / name)
                self._unpacked[name] = msgspec.structs.replace(template, id=row.template_id)
        return self._unpacked[name]

    @staticmethod
    def _unpack(archive: bytes, folder: Path) -> Template:
        shutil.rmtree(folder, ignore_errors=True)
        return archives.unpack(archives.read(archive), folder)


def _name(row: Upload) -> str:
    return f"{row.template_id}-{row.version}-{row.sha256[:16]}"


def _may_use(row: Upload, user_id: UUID | None) -> bool:
    return row.state in {"published", "retired"} and row.owner_id in {None, user_id}
