"""Parts of one resume's content put into another's, where they stand in the first."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from msgspec.structs import replace

from api.contents.snapshots import ItemState, SectionState, Snapshot, arranged
from common.ids import new_id

_SHOWN = ("visible", "columns", "page_break_before", "keep_together")


class Graft:
    """`target` while parts of `source` are put into it.

    `twins` maps parts of the source to those of the target that they are; `brought` are those of them that are new.
    """

    def __init__(self, source: Snapshot, target: Snapshot, twins: Mapping[UUID, UUID]) -> None:
        self._source, self._target = source, target
        self.twins = dict(twins)
        self.brought: set[UUID] = set()
        self._sections = {section.id: section for section in target.sections}
        self._items = {item.id: item for section in target.sections for item in section.items}
        self._orders = {section.id: [item.id for item in section.items] for section in target.sections}
        self._order = [section.id for section in target.sections]
        self._members = set(target.members)

    def bring(self, wanted: Collection[UUID]) -> None:
        """Put those of `wanted`, sections and items of the source, into the target that are not there."""
        for section in self._source.sections:
            items = [item for item in section.items if item.id in wanted and item.id not in self.twins]
            if section.id not in self.twins and (section.id in wanted or items):
                self._bring_section(section)
            for item in items:
                made = replace(item, id=self._twin(item.id))
                self._items[made.id] = made
            if items:
                there = self.twins[section.id]
                reference = [item.id for item in section.items]
                self._orders[there] = inserted(self._orders[there], self.twins, reference, items)
        self._order = inserted(
            self._order,
            self.twins,
            [section.id for section in self._source.sections],
            [section for section in self._source.sections if section.id in self.brought],
        )

    def align(self) -> None:
        """Let what is in both stand in the same order and sections, and be shown in the same way."""
        for section in self._source.sections:
            there = self.twins.get(section.id)
            if there is None:
                continue
            shown = {name: getattr(section, name) for name in _SHOWN}
            self._sections[there] = replace(self._sections[there], **shown)
            twins = [self.twins[item.id] for item in section.items if item.id in self.twins]
            self._gather(there, twins)
            for item in section.items:
                if item.id in self.twins:
                    twin = self._items[self.twins[item.id]]
                    self._items[twin.id] = replace(twin, visible=item.visible)
        wanted = [self.twins[section.id] for section in self._source.sections if section.id in self.twins]
        self._order = aligned(self._order, wanted)

    def snapshot(self, *, basics: str | None) -> Snapshot:
        """What the target is now; with `basics`, JSON text."""
        sections = [
            replace(self._sections[key], items=[self._items[item] for item in self._orders[key]])
            for key in self._order
        ]
        members = arranged(self._target.members, [section.name for section in sections])
        if basics is not None and "basics" not in members:
            members = ["basics", *members]
        return replace(self._target, members=members, basics=basics, sections=sections)

    def _bring_section(self, section: SectionState) -> None:
        made = replace(section, id=self._twin(section.id), name=self._free_name(section.name), items=[])
        self._members.add(made.name)
        self._sections[made.id], self._orders[made.id] = made, []

    def _twin(self, part: UUID) -> UUID:
        self.twins[part] = new_id()
        self.brought.add(part)
        return self.twins[part]

    def _free_name(self, name: str) -> str:
        """A member of the document that is not there: `name`, or that with a number behind it."""
        number = 2
        free = name
        while free in self._members:
            free = f"{name[:58]}-{number}"
            number += 1
        return free

    def _gather(self, section: UUID, twins: Sequence[UUID]) -> None:
        """Bring `twins`, in this order, together in a section of the target."""
        moving = set(twins) - set(self._orders[section])
        if moving:
            self._orders = {
                key: [item for item in order if item not in moving] for key, order in self._orders.items()
            }
        self._orders[section] = aligned(self._orders[section] + [t for t in twins if t in moving], twins)


def inserted(
    order: Sequence[UUID],
    twins: Mapping[UUID, UUID],
    reference: Sequence[UUID],
    new: Sequence[ItemState | SectionState],
) -> list[UUID]:
    """`order` with the twins of `new`, each after the nearest that stands before it in `reference`, or first."""
    result = list(order)
    fresh = {part.id for part in new}
    before: UUID | None = None
    for part in reference:
        twin = twins.get(part)
        if part in fresh and twin is not None:
            result.insert(0 if before is None else result.index(before) + 1, twin)
        if twin in result:
            before = twin
    return result


def aligned(order: Sequence[UUID], wanted: Sequence[UUID]) -> list[UUID]:
    """`order` with `wanted`, which it holds, in that order; each of the others stays behind the one it stood behind."""
    known = set(wanted)
    behind: defaultdict[UUID | None, list[UUID]] = defaultdict(list)
    last: UUID | None = None
    for part in order:
        if part in known:
            last = part
        else:
            behind[last].append(part)
    return behind[None] + [each for part in wanted for each in (part, *behind[part])]
