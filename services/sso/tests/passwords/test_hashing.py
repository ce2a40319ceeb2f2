"""How passwords are hashed (SECURITY 4)."""

import asyncio
import os
import threading
import time
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError

from sso.passwords import argon2id
from sso.passwords.hashing import WAITING_PER_CORE, HashingBusy, Passwords
from sso.settings import Settings


async def test_hashes_are_argon2id_with_the_parameters_of_the_settings(
    sso_settings: Callable[..., Settings],
) -> None:
    passwords = Passwords(sso_settings(argon2_memory_kib=20 * 1024, argon2_time=3, argon2_parallelism=2))
    await passwords.start()
    made = await passwords.hash("correct horse battery")
    assert made.startswith("$argon2id$v=19$m=20480,t=3,p=2$")
    assert await passwords.verify("correct horse battery", made)
    assert not await passwords.verify("correct horse batterz", made)
    assert not await passwords.verify("", None)
    await passwords.close()


async def test_no_more_hash_at_once_than_the_setting_says_and_they_give_way_to_the_loop(
    sso_settings: Callable[..., Settings],
) -> None:
    passwords = Passwords(sso_settings(argon2_concurrency=2))
    others = set(threading.enumerate())
    await asyncio.gather(*(passwords.hash("correct horse battery") for _ in range(8)))
    hashers = {thread for thread in threading.enumerate() if thread.name.startswith("argon2_")} - others
    ours = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    niceness = [os.getpriority(os.PRIO_PROCESS, thread.native_id or 0) for thread in hashers]
    assert len(hashers) == 2
    assert min(niceness) > ours
    await passwords.close()


async def test_of_a_crowd_few_are_at_work_and_the_queue_of_the_others_is_bounded(
    sso_settings: Callable[..., Settings],
) -> None:
    """RELIABILITY 12"""
    passwords, go_on, at_work = Passwords(sso_settings(argon2_concurrency=1)), asyncio.Event(), 0

    async def somebody() -> None:
        nonlocal at_work
        async with passwords.place():
            at_work += 1
            await go_on.wait()

    crowd = [asyncio.create_task(somebody()) for _ in range(WAITING_PER_CORE)]
    await asyncio.sleep(0.01)
    assert at_work == 2
    with pytest.raises(HashingBusy):
        await somebody()
    crowd.pop().cancel()  # one who gives up leaves a place
    await asyncio.sleep(0.01)
    crowd.append(asyncio.create_task(somebody()))
    go_on.set()
    await asyncio.gather(*crowd)
    assert at_work == WAITING_PER_CORE
    await passwords.close()


async def test_hashing_leaves_the_loop_free(settings: Settings) -> None:
    passwords = Passwords(settings)
    await passwords.start()
    hashing = [asyncio.create_task(passwords.hash("correct horse battery")) for _ in range(6)]
    longest = 0.0
    while not all(task.done() for task in hashing):
        started = time.perf_counter()
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - started)
        await asyncio.sleep(0.001)
    assert longest < 0.1
    await passwords.close()


@pytest.mark.parametrize(("stronger", "outdated"), [(20 * 1024, True), (19 * 1024, False)])
async def test_a_hash_with_other_parameters_is_outdated(
    sso_settings: Callable[..., Settings], settings: Settings, stronger: int, outdated: bool
) -> None:
    passwords, later = Passwords(settings), Passwords(sso_settings(argon2_memory_kib=stronger))
    assert later.is_outdated(await passwords.hash("correct horse battery")) is outdated
    await passwords.close()
    await later.close()


@pytest.mark.parametrize("lanes", [1, 4])
def test_hashes_are_those_of_the_library(lanes: int) -> None:
    library = PasswordHasher(memory_cost=64, time_cost=2, parallelism=lanes)
    wanted = argon2id.parameters(memory_kib=64, time=2, lanes=lanes)
    for secret in (b"", b"correct horse battery", "пароль\u0000🎉".encode(), b"x" * 1025):
        assert library.verify(argon2id.hashed(secret, wanted), secret)
        assert argon2id.matches(secret, library.hash(secret))
        assert not argon2id.matches(secret + b"!", library.hash(secret))
    assert argon2id.hashed(b"", wanted) != argon2id.hashed(b"", wanted)


def test_what_is_no_hash_matches_nothing() -> None:
    for known in ("", "secret", "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQ", "$2b$12$abcdefghijklmnopqrstuv"):
        with pytest.raises(InvalidHashError):
            argon2id.matches(b"secret", known)


def test_memory_that_is_not_there_is_an_error_and_no_mismatch() -> None:
    with pytest.raises(MemoryError):
        argon2id.hashed(b"secret", argon2id.parameters(memory_kib=2**31, time=1, lanes=1))
