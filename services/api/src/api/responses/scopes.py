"""Whose cached answers a transaction makes out of date: a scope is an owner's id, or a word for what belongs to nobody."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from api.pointers import Pointers
from api.responses import queries
from common.db import Database

CATALOGUE = "catalogue"
"""The scope of what everybody sees alike: the templates."""

_MARKED, _TOLD = "scopes", "told scopes"

ScopeOf = Callable[[Any], UUID | str]


def mark(db: AsyncSession | Session, scope: UUID | str, *, is_told: bool = False) -> None:
    """With this transaction, what is cached of `scope` ends. Needed where rows are changed by statements alone.

    `is_told`: the other replicas learn it from something else that the transaction announces.
    """
    db.info.setdefault(_MARKED, set()).add(str(scope))
    if is_told:
        db.info.setdefault(_TOLD, set()).add(str(scope))


def owner_of(thing: Any) -> UUID:
    """The scope of a row that has an owner."""
    owner_id: UUID = thing.owner_id
    return owner_id


def key(scope: UUID | str) -> str:
    return f"generation.{scope}"


def follow(database: Database, pointers: Pointers, scopes: Mapping[type[Any], ScopeOf]) -> None:
    """End what is cached whenever an object of a type in `scopes` is inserted, changed or deleted through `database`.

    A generation begins at the very end of the transaction, in the order of the scopes: until the commit, others that
    change the same scope wait.
    """
    kinds = tuple(scopes)

    def note(session: Session, _context: Any) -> None:
        for thing in (*session.new, *session.dirty, *session.deleted):
            if isinstance(thing, kinds):
                mark(session, scopes[type(thing)](thing))

    def advance(session: Session) -> None:
        if session.in_nested_transaction():
            return
        session.flush()
        told = session.info.pop(_TOLD, ())
        for scope in sorted(session.info.pop(_MARKED, ())):
            queries.advance(session, scope)
            if scope in told:
                event.listen(session, "after_commit", _forgetting(pointers, scope), once=True)
            else:
                pointers.changed(session, key(scope), b"changed")

    event.listen(database.sessions, "after_flush", note)
    event.listen(database.sessions, "before_commit", advance)


def _forgetting(pointers: Pointers, scope: str) -> Callable[[Session], None]:
    return lambda _session: pointers.forget(key(scope))
