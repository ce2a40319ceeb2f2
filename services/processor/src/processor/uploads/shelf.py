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
        self._newest = dict(sorted(builtin))
        self._database = database
        self._folder = Path(tempfile.mkdtemp(prefix="resumax-templates-"))
        self._unpacked: dict[str, Template] = {}
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    @property
    def names(self) -> set[str]:
        """The ids of the templates that ship with the service."""
        return set(self._newest)

    async def find(self, template_id: str, version: int | None, *, user_id: UUID) -> Template | None:
        """A version that the user may use, the newest one that is offered if none is named: what is everybody's, and their
        own. A version that is named may be a retired one: documents have it."""
        if template_id in self._newest:
            return self.builtin.get((template_id, version or self._newest[template_id]))
        async with self._database.read() as db:
            row = await queries.usable(db, template_id, version, user_id=user_id)
            if row is None:
                return None
            if (known := self._unpacked.get(_name(row))) is not None:
                return known
            whole = await queries.with_archive(db, row.id)
        return None if whole is None else await self.unpacked(whole)

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
