"""The templates that can be rendered: those that ship with the service, and uploaded ones, unpacked when they are wanted.

A version never changes, so what was unpacked stays good. Which versions may be used is asked of the database each time.
"""

import asyncio
import shutil
import tempfile
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import msgspec

from common.db import Database
from processor.rendering import Template, folders
from processor.uploads import archives, queries
from processor.uploads.models import Upload

MOST_UNPACKED = 100
"""Of at most 2 MiB each. The one that was used longest ago makes room, if nobody has asked for it in a while."""
IN_USE_FOR = 120.0
"""Seconds in which whoever asked for a template may still be about to render with it."""
_FOLDER = "resumax-templates-"


@dataclass
class _Unpacked:
    template: Template
    used_at: float = field(default_factory=time.monotonic)


class Shelf:
    """`builtin` by id and version; uploaded templates from the database."""

    def __init__(self, database: Database, builtin: Mapping[tuple[str, int], Template]) -> None:
        self.builtin = builtin
        self._newest = dict(sorted(builtin))
        self._database = database
        folders.sweep(_FOLDER)
        self._folder = folders.OwnFolder(_FOLDER)
        self._unpacked: OrderedDict[str, _Unpacked] = OrderedDict()
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        await asyncio.to_thread(self._folder.remove)

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
            if (known := self._known(_name(row))) is not None:
                return known
            whole = await queries.with_archive(db, row.id)
        return None if whole is None else await self._taken_up(whole)

    @asynccontextmanager
    async def trial(self, archive: bytes) -> AsyncIterator[Template]:
        """The template of an archive, which is there for as long as this takes. Raises TemplateRefused."""
        folder = Path(tempfile.mkdtemp(dir=self._folder.path))
        try:
            yield await asyncio.to_thread(_unpack, archive, folder)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _taken_up(self, row: Upload) -> Template:
        name = _name(row)
        async with self._turn:
            if (known := self._known(name)) is not None:
                return known
            template = await asyncio.to_thread(_unpack, row.archive, self._folder.path / name)
            found = self._unpacked[name] = _Unpacked(msgspec.structs.replace(template, id=row.template_id))
            await self._make_room()
        return found.template

    def _known(self, name: str) -> Template | None:
        found = self._unpacked.get(name)
        if found is None:
            return None
        self._unpacked.move_to_end(name)
        found.used_at = time.monotonic()
        return found.template

    async def _make_room(self) -> None:
        while len(self._unpacked) > MOST_UNPACKED:
            name, oldest = next(iter(self._unpacked.items()))
            if time.monotonic() - oldest.used_at < IN_USE_FOR:
                return
            del self._unpacked[name]
            await asyncio.to_thread(shutil.rmtree, oldest.template.folder, ignore_errors=True)


def _unpack(archive: bytes, folder: Path) -> Template:
    try:
        return archives.unpack(archives.read(archive), folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _name(row: Upload) -> str:
    return f"{row.template_id}-{row.version}-{row.sha256[:16]}"
