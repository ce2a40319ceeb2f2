import asyncio

import pytest

from sso.lockouts.turns import MOST_WAITING, LineTooLong, Turns


async def most_at_once(turns: Turns, keys: list[bytes]) -> int:
    inside = most = 0

    async def hold(key: bytes) -> None:
        nonlocal inside, most
        async with turns.of(key):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(hold(key) for key in keys))
    return most


async def test_those_with_one_key_go_one_after_the_other_and_others_beside_them() -> None:
    assert await most_at_once(Turns(1), [b"a"] * 20) == 1
    assert await most_at_once(Turns(3), [b"a"] * 20) == 3
    assert await most_at_once(Turns(1), [b"%d" % n for n in range(20)]) == 20


async def test_a_line_has_an_end() -> None:
    turns = Turns(1)
    async with turns.of(b"a"):
        waiting = [asyncio.create_task(most_at_once(turns, [b"a"])) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(LineTooLong):
            await most_at_once(turns, [b"a"])
        assert await most_at_once(turns, [b"b"]) == 1
    await asyncio.gather(*waiting)
    assert len(turns) == 0


async def test_a_key_that_nobody_holds_takes_no_memory() -> None:
    turns = Turns(1)
    async with turns.of(b"a"):
        waiting = asyncio.create_task(most_at_once(turns, [b"a"]))
        await asyncio.sleep(0)
        waiting.cancel()
        assert len(turns) == 1
    await asyncio.gather(waiting, return_exceptions=True)
    try:
        async with turns.of(b"b"):
            raise ValueError
    except ValueError:
        pass
    assert len(turns) == 0
