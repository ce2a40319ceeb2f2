"""Where in its list something comes to stand."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from api.contents.matching import between, fresh
from api.sections.models import Ranked
from common.problems import FieldError, Problem


class NeighbourNotFound(Problem):
    status, code, title = 422, "NEIGHBOUR_NOT_FOUND", "There is no such thing in this list to stand beside"


class Place(Struct, frozen=True):
    """A rank; `others` are new ranks of all others where there was no room for it."""

    rank: str
    others: dict[UUID, str] = {}


def find(
    listed: Sequence[Ranked], *, before_id: UUID | None, after_id: UUID | None, moved: UUID | None = None
) -> Place:
    """The place directly before or after one of `listed` (in order), else at the end, for something new or for `moved`
    of them, which stays if it stands there. Raises NeighbourNotFound."""
    others = [one for one in listed if one.id != moved]
    index = _index(others, before_id, after_id)
    low = others[index - 1].rank if index else None
    high = others[index].rank if index < len(others) else None
    for one in listed:
        if one.id == moved and (low is None or low < one.rank) and (high is None or one.rank < high):
            return Place(one.rank)
    rank = between(low, high)
    if rank is not None:
        return Place(rank)
    ranks = fresh(len(others) + 1)
    rank = ranks.pop(index)
    return Place(rank, {one.id: new for one, new in zip(others, ranks, strict=True)})


def _index(others: Sequence[Ranked], before_id: UUID | None, after_id: UUID | None) -> int:
    if before_id is not None and after_id is not None:
        raise _refused("$.afterId", "Give beforeId or afterId, not both.")
    ids = [one.id for one in others]
    if before_id is not None:
        return _position(ids, before_id, "$.beforeId")
    return len(ids) if after_id is None else _position(ids, after_id, "$.afterId") + 1


def _position(ids: list[UUID], wanted: UUID, path: str) -> int:
    if wanted not in ids:
        raise _refused(path, "There is no other one with this id in the list.")
    return ids.index(wanted)


def _refused(path: str, message: str) -> NeighbourNotFound:
    return NeighbourNotFound(f"{path}: {message}", errors=[FieldError(path, message)])
