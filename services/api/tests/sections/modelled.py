"""A resume that is edited part by part beside a plain document that the same edits are done to."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import select

from api.contents.models import Item, Section
from common.db import Database

Entry = list[Any]
"""An item's id and what it says."""


class Model:
    """The document as a plain mapping; members that are sections hold entries."""

    def __init__(self) -> None:
        self.members: dict[str, Any] = {}
        self.sections: dict[str, str] = {}
        self.hidden: set[str] = set()

    def content(self) -> dict[str, Any]:
        return {
            name: [data for _, data in value] if name in self.sections else value
            for name, value in self.members.items()
        }

    def names(self) -> list[str]:
        return [name for name in self.members if name in self.sections]

    def put_members(self, order: list[str], entries: Any) -> None:
        self.members = {name: self.members.get(name, entries) for name in order}


class Run:
    """Does edits on a resume and on the model, and compares the two."""

    def __init__(self, editor: Any, database: Database) -> None:
        self.editor, self.database, self.model = editor, database, Model()

    async def put(self, document: dict[str, Any]) -> None:
        """Replace the whole: what says the same keeps its id, and sections of one name do."""
        before, known = self.model, self.model.sections
        answer = await self.editor.call("PUT", "content", document)
        self.model = Model()
        self.model.sections = {
            name: section["id"] for name, section in (await self.editor.sections()).items()
        }
        assert [n for n, v in document.items() if isinstance(v, list) and n != "meta"] == list(
            self.model.sections
        )
        for name, value in document.items():
            self.model.members[name] = value
            if name in self.model.sections:
                items = await self.editor.items(name)
                self.model.members[name] = [[item["id"], item["data"]] for item in items]
                assert self.model.sections[name] == known.get(name, self.model.sections[name])
                _assert_ids_stay(before.members.get(name) if name in known else None, items)
        self.model.hidden = before.hidden
        again = await self.editor.call("PUT", "content", document)
        assert again.headers["etag"] == answer.headers["etag"]

    async def add_section(self, kind: str, where: tuple[int, bool] | None) -> None:
        names = self.model.names()
        name = next(n for n in (kind, *(f"{kind}{i}" for i in range(2, 99))) if n not in self.model.members)
        order, index, place = list(self.model.members), len(names), {}
        if where is not None and names:
            index = where[0] % len(names) + where[1]
            place = {_BESIDE[where[1]]: self.model.sections[names[where[0] % len(names)]]}
        # A new member stands before the section that follows it, else at the end.
        order.insert(order.index(names[index]) if index < len(names) else len(order), name)
        made = await self.editor.post("sections", kind=kind, **place)
        assert (made["name"], made["kind"]) == (name, kind)
        self.model.put_members(order, [])
        self.model.sections[name] = made["id"]

    async def move_section(self, which: int, where: tuple[int, bool] | None) -> None:
        names = self.model.names()
        if not names:
            return
        moved = names[which % len(names)]
        others = [name for name in names if name != moved]
        index, place = len(others), {}
        if where is not None and others:
            index = where[0] % len(others) + where[1]
            place = {_BESIDE[where[1]]: self.model.sections[others[where[0] % len(others)]]}
        await self.editor.post(f"sections/{self.model.sections[moved]}/move", **place)
        wanted = iter([*others[:index], moved, *others[index:]])
        self.model.put_members([next(wanted) if n in names else n for n in self.model.members], None)

    async def delete_section(self, which: int) -> None:
        names = self.model.names()
        if names:
            name = names[which % len(names)]
            await self.editor.call("DELETE", f"sections/{self.model.sections.pop(name)}")
            del self.model.members[name]

    async def look(self, which: int, look: dict[str, Any]) -> None:
        names = self.model.names()
        if names:
            name = names[which % len(names)]
            await self.editor.patch(f"sections/{self.model.sections[name]}", **look)

    async def add_item(self, which: int, data: Any, where: tuple[int, bool] | None) -> None:
        names = self.model.names()
        if not names:
            return
        name = names[which % len(names)]
        entries: list[Entry] = self.model.members[name]
        index, place = _where(entries, where)
        path = f"sections/{self.model.sections[name]}/items"
        made = await self.editor.post(path, data=data, **place)
        entries.insert(index, [made["id"], data])

    async def change(self, which: int, data: Any) -> None:
        if entry := self._entry(which):
            await self.editor.patch(f"items/{entry[0]}", data=data)
            entry[1] = data

    async def change_fields(self, which: int, fields: dict[str, Any], remove: list[str]) -> None:
        entry = self._entry(which)
        if entry is None:
            return
        body = {"fields": fields, "remove": [name for name in remove if name not in fields]}
        if isinstance(entry[1], dict):
            await self.editor.call("PATCH", f"items/{entry[0]}", body)
            entry[1] = {n: v for n, v in entry[1].items() if n not in body["remove"]} | fields
        else:
            await self.editor.call("PATCH", f"items/{entry[0]}", body, status=422)

    async def hide(self, which: int, visible: bool) -> None:
        if entry := self._entry(which):
            await self.editor.patch(f"items/{entry[0]}", visible=visible)
            (self.model.hidden.discard if visible else self.model.hidden.add)(entry[0])

    async def move_item(self, which: int, to: int, where: tuple[int, bool] | None) -> None:
        entry, names = self._entry(which), self.model.names()
        if entry is None:
            return
        target = names[to % len(names)]
        for name in names:
            self.model.members[name] = [one for one in self.model.members[name] if one is not entry]
        entries: list[Entry] = self.model.members[target]
        index, place = _where(entries, where)
        await self.editor.post(f"items/{entry[0]}/move", sectionId=self.model.sections[target], **place)
        entries.insert(index, entry)

    async def delete_item(self, which: int) -> None:
        if entry := self._entry(which):
            await self.editor.call("DELETE", f"items/{entry[0]}")
            for name in self.model.names():
                self.model.members[name] = [one for one in self.model.members[name] if one is not entry]

    def _entry(self, which: int) -> Entry | None:
        every: list[Entry] = [one for name in self.model.names() for one in self.model.members[name]]
        return every[which % len(every)] if every else None

    async def compare(self) -> None:
        content = (await self.editor.call("GET", "content")).text
        assert json.dumps(json.loads(content)) == json.dumps(self.model.content())
        sections = await self.editor.sections()
        assert {name: section["id"] for name, section in sections.items()} == self.model.sections
        assert list(sections) == self.model.names()
        for name, section in sections.items():
            items = await self.editor.items(name)
            assert [item["id"] for item in items] == [entry[0] for entry in self.model.members[name]]
            assert {item["id"] for item in items if not item["visible"]} <= self.model.hidden
            assert section["itemCount"] == len(items)
        await self._assert_ranks_ascend()

    async def _assert_ranks_ascend(self) -> None:
        async with self.database.read() as db:
            for section_id in self.model.sections.values():
                wanted = select(Item.rank).where(Item.section_id == UUID(section_id))
                ranks = list(await db.scalars(wanted))
                assert len(ranks) == len(set(ranks))
            wanted = select(Section.rank).where(Section.resume_id == UUID(self.editor.path.rsplit("/", 1)[1]))
            ranks = list(await db.scalars(wanted))
            assert len(ranks) == len(set(ranks))


_BESIDE = ("beforeId", "afterId")


def _where(entries: list[Entry], where: tuple[int, bool] | None) -> tuple[int, dict[str, str]]:
    if where is None or not entries:
        return len(entries), {}
    beside, after = where[0] % len(entries), where[1]
    return beside + after, {_BESIDE[after]: entries[beside][0]}


def _assert_ids_stay(old: list[Entry] | None, new: list[Any]) -> None:
    """Of what is said as often as before, and of what is said less often all that is left, the ids are the old ones."""
    if old is None:
        return
    texts = [json.dumps(data) for _, data in old]
    ids = {entry[0]: json.dumps(entry[1]) for entry in old}
    for text in set(texts):
        now = [item["id"] for item in new if json.dumps(item["data"]) == text]
        stayed = [id_ for id_ in now if ids.get(id_) == text]
        assert len(stayed) == min(texts.count(text), len(now))
