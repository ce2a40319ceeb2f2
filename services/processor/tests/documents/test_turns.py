"""Turns and sessions: nobody's hundred requests stand before another's one, and only the newest of a session counts."""

import asyncio

import pytest

from common.contracts.jobs import Priority
from processor.documents.sessions import Sessions, Superseded
from processor.rendering import EngineUnavailable
from processor.rendering.turns import FairTurns, TooManyOfOne


async def test_users_are_served_one_after_the_other() -> None:
    turns, served = FairTurns(slots=1, each=9, most=99), []

    async def ask(user: str) -> None:
        async with turns.turn(user):
            served.append(user)
            await asyncio.sleep(0)

    await asyncio.gather(*map(ask, ["busy"] * 5 + ["calm"] * 2 + ["late"]))
    assert served == ["busy", "busy", "calm", "late", "busy", "calm", "busy", "busy"]


async def test_a_user_waits_for_so_many_and_all_for_so_many() -> None:
    turns = FairTurns(slots=1, each=2, most=3)
    release = asyncio.Event()

    async def ask(user: str) -> None:
        async with turns.turn(user):
            await release.wait()

    waiting = [asyncio.ensure_future(ask(user)) for user in ("a", "a", "a", "b")]
    await asyncio.sleep(0)
    with pytest.raises(TooManyOfOne):
        await ask("a")
    with pytest.raises(EngineUnavailable):
        await ask("c")
    release.set()
    await asyncio.gather(*waiting)
    await ask("c")


async def test_a_user_never_has_the_last_slot() -> None:
    turns, served, release = FairTurns(slots=3, each=9, most=9), list[str](), asyncio.Event()

    async def ask(user: str) -> None:
        async with turns.turn(user):
            served.append(user)
            await release.wait()

    waiting = [asyncio.ensure_future(ask("busy")) for _ in range(5)]
    await asyncio.sleep(0)
    assert served == ["busy", "busy"]
    waiting.append(asyncio.ensure_future(ask("calm")))
    await asyncio.sleep(0)
    assert served == ["busy", "busy", "calm"]
    release.set()
    await asyncio.gather(*waiting)
    assert served.count("busy") == 5


async def test_what_people_wait_for_comes_first_and_what_is_to_be_alone_before_all() -> None:
    turns, served = FairTurns(slots=2, each=9, most=9), list[str]()

    async def ask(name: str, *, priority: Priority = "normal", alone: bool = False) -> None:
        async with turns.turn(name, priority=priority, alone=alone):
            served.append(name)
            await asyncio.sleep(0.001)
            served.append(name)

    await asyncio.gather(
        ask("a"), ask("b"), ask("c", priority="bulk"), ask("d", priority="interactive"), ask("e", alone=True)
    )
    assert sorted(served[:4]) == ["a", "a", "b", "b"]
    assert served[4:6] == ["e", "e"]
    assert served[6:8] == ["d", "c"]


async def test_nobody_waits_longer_than_the_longest() -> None:
    turns, release = FairTurns(slots=1, each=9, most=9, longest=0.01), asyncio.Event()

    async def hold() -> None:
        async with turns.turn("a"):
            await release.wait()

    holder = asyncio.ensure_future(hold())
    await asyncio.sleep(0)
    with pytest.raises(EngineUnavailable, match="too long"):
        await hold()
    release.set()
    await holder
    await hold()


async def test_whoever_leaves_gives_the_turn_away() -> None:
    turns = FairTurns(slots=1, each=9, most=9)
    first = asyncio.Event()

    async def ask(until: asyncio.Event) -> str:
        async with turns.turn("a"):
            await until.wait()
            return "served"

    holder = asyncio.ensure_future(ask(first))
    await asyncio.sleep(0)
    gone, both = asyncio.ensure_future(ask(first)), asyncio.ensure_future(ask(first))
    last = asyncio.ensure_future(ask(first))
    await asyncio.sleep(0)
    gone.cancel()
    first.set()
    await asyncio.sleep(0)
    both.cancel()  # at the moment that it is its turn
    assert await asyncio.gather(holder, last) == ["served", "served"]
    assert [str(type(e).__name__) for e in await asyncio.gather(gone, both, return_exceptions=True)] == [
        "CancelledError"
    ] * 2
    assert await ask(first) == "served"


async def test_who_types_on_never_has_too_many_waiting() -> None:
    turns, sessions, release = FairTurns(slots=1, each=1, most=9), Sessions(), asyncio.Event()

    async def preview() -> str:
        async with turns.turn("ada"):
            await release.wait()
            return "shown"

    other = asyncio.ensure_future(sessions.run("ada", "letter", preview()))
    await asyncio.sleep(0)
    typed = []
    for _ in range(5):
        typed.append(asyncio.ensure_future(sessions.run("ada", "cv", preview())))
        await asyncio.sleep(0.001)
    release.set()
    *older, newest = await asyncio.gather(*typed, return_exceptions=True)
    assert all(isinstance(outcome, Superseded) for outcome in older)
    assert (newest, await other) == ("shown", "shown")


async def test_a_session_drops_what_it_waited_for_when_it_asks_for_more() -> None:
    sessions, never = Sessions(), asyncio.Event()

    async def work(result: str, until: asyncio.Event | None = None) -> str:
        if until:
            await until.wait()
        return result

    older = asyncio.ensure_future(sessions.run("ada", "cv", work("old", never)))
    others = asyncio.ensure_future(sessions.run("bob", "cv", work("of another", never)))
    another = asyncio.ensure_future(sessions.run("ada", "letter", work("another", never)))
    await asyncio.sleep(0)
    assert await sessions.run("ada", "cv", work("new")) == "new"
    with pytest.raises(Superseded):
        await older
    assert not others.done()
    never.set()
    assert await asyncio.gather(others, another) == ["of another", "another"]


async def test_a_request_that_is_given_up_is_not_called_superseded() -> None:
    sessions = Sessions()
    request = asyncio.ensure_future(sessions.run("ada", "cv", asyncio.sleep(60)))
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    await sessions.run("ada", "cv", asyncio.sleep(0))
