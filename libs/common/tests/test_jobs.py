"""What a worker promises, with a runner that keeps its claims in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from nats.js.errors import NotFoundError

from common.bus import Bus
from common.contracts.jobs import Job, run_subject
from common.ids import new_id, now
from common.jobs import Attempt, JobPostponed, JobRejected, JobSuperseded, Worker, retry_delay
from common.streams import JOBS, JOBS_DLQ
from common.testing.fixtures import eventually
from common.testing.processes import Nats

Do = Callable[[Attempt], Awaitable[None]]


@pytest_asyncio.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    broker = Nats(tmp_path)
    broker.start()
    bus = Bus(broker.url, name="tests", streams=[JOBS, JOBS_DLQ])
    await bus.start()
    yield bus
    await bus.close()
    broker.stop()


class Memory:
    """A runner whose claims are a dict; `log` is what happened to each job, in order."""

    def __init__(self, do: Do) -> None:
        self._do = do
        self.claims: dict[str, Attempt] = {}
        self.final: set[str] = set()
        self.log: list[str] = []

    async def claim(self, job: Job, message: int) -> Attempt | None:  # noqa: ARG002 (the protocol says so)
        name = job.payload["name"]
        if name in self.final:
            return None
        last = self.claims.get(name)
        claimed = Attempt(
            job, last.number + 1 if last else 1, last.fence + 1 if last else 1, last.waits if last else 0
        )
        self.claims[name] = claimed
        return claimed

    async def run(self, attempt: Attempt) -> None:
        name = attempt.job.payload["name"]
        self.log.append(f"{name} {attempt.number}")
        await self._do(attempt)
        self.final.add(name)
        self.log.append(f"{name} done")

    async def postpone(self, attempt: Attempt, reason: str) -> None:
        name = attempt.job.payload["name"]
        self.claims[name] = msgspec.structs.replace(
            attempt, number=attempt.number - 1, waits=attempt.waits + 1
        )
        self.log.append(f"{name} postponed {reason}".rstrip())

    async def fail(self, attempt: Attempt, reason: str, *, final: bool) -> None:
        name = attempt.job.payload["name"]
        if final:
            self.final.add(name)
        self.log.append(f"{name} {'gave up' if final else 'failed'}: {reason}")

    async def says(self, line: str) -> bool:
        return line in self.log


@asynccontextmanager
async def working(tests: Bus, memory: Memory, **settings: Any) -> AsyncIterator[Bus]:
    """A worker on a connection of its own, as a process has it; gives the connection."""
    bus = Bus(tests.raw.connected_url.geturl(), name="worker", streams=[JOBS, JOBS_DLQ])  # type: ignore[union-attr]
    worker = Worker(bus, kind="test", runner=memory, **({"workers": 2, "first_retry": 0.1} | settings))
    await bus.start()
    worker.consumer.start()
    try:
        yield bus
    finally:
        await worker.consumer.drain(0.2)
        await bus.close()


async def publish(bus: Bus, name: str, **changes: Any) -> None:
    job = Job(id=new_id(), kind="test", payload={"name": name}, **changes)
    await bus.publish(run_subject("test"), msgspec.json.encode(job), headers={"Nats-Msg-Id": str(job.id)})


async def dead_letters(bus: Bus) -> int:
    return int((await bus.jetstream.stream_info("JOBS_DLQ")).state.messages)


async def queue_is_empty(bus: Bus) -> bool:
    return not (await bus.jetstream.stream_info("JOBS")).state.messages


async def test_a_failing_job_is_tried_again_until_it_succeeds(bus: Bus) -> None:
    async def fail_twice(attempt: Attempt) -> None:
        if attempt.number < 3:
            raise RuntimeError("secret text of the job")

    memory = Memory(fail_twice)
    async with working(bus, memory):
        await publish(bus, "a")
        await eventually(lambda: memory.says("a done"))
        await eventually(lambda: queue_is_empty(bus))
    assert memory.log == ["a 1", "a failed: RuntimeError", "a 2", "a failed: RuntimeError", "a 3", "a done"]
    assert await dead_letters(bus) == 0


async def test_a_poison_job_ends_in_the_dead_letters_with_its_reason_while_others_go_on(bus: Bus) -> None:
    async def fail_if_poison(attempt: Attempt) -> None:
        if attempt.job.payload["name"] == "poison":
            raise ValueError

    memory = Memory(fail_if_poison)
    async with working(bus, memory, workers=1, max_attempts=3):
        await publish(bus, "poison")
        await publish(bus, "good")
        await eventually(lambda: memory.says("good done"))
        await eventually(lambda: memory.says("poison gave up: ValueError"))
        await eventually(lambda: queue_is_empty(bus))
    assert memory.log.count("poison failed: ValueError") == 2
    assert memory.log.index("good done") < memory.log.index("poison gave up: ValueError")
    letter = await bus.jetstream.get_last_msg("JOBS_DLQ", "jobs.dead.test")
    assert letter.headers is not None
    assert letter.headers["X-Dead-Reason"] == "ValueError"
    assert letter.headers["X-Dead-Attempts"] == "3"
    assert msgspec.json.decode(letter.data or b"", type=Job).payload == {"name": "poison"}


async def test_a_rejected_job_is_tried_once(bus: Bus) -> None:
    async def reject(attempt: Attempt) -> None:
        raise JobRejected("the version is gone")

    memory = Memory(reject)
    async with working(bus, memory):
        await publish(bus, "a")
        await eventually(lambda: memory.says("a gave up: the version is gone"))
    assert await dead_letters(bus) == 1


async def test_waiting_for_something_costs_no_attempt(bus: Bus) -> None:
    async def away_for_a_while(attempt: Attempt) -> None:
        if attempt.waits < 7:
            raise JobPostponed("mail server is away", delay=0.02)

    memory = Memory(away_for_a_while)
    async with working(bus, memory, max_attempts=2):
        await publish(bus, "a")
        await eventually(lambda: memory.says("a done"))
    assert memory.log.count("a 1") == 8


async def test_a_job_past_its_deadline_is_not_begun(bus: Bus) -> None:
    async def do(attempt: Attempt) -> None:
        raise AssertionError("it ran")

    memory = Memory(do)
    async with working(bus, memory):
        await publish(bus, "late", deadline=now())
        await eventually(lambda: memory.says("late gave up: It was not done in time."))


async def test_a_job_whose_workers_died_each_time_is_given_up(bus: Bus) -> None:
    async def do(attempt: Attempt) -> None:
        raise AssertionError("it ran")

    memory = Memory(do)
    memory.claims["a"] = Attempt(Job(id=new_id(), kind="test"), number=5, fence=5)
    async with working(bus, memory):
        await publish(bus, "a")
        await eventually(lambda: memory.says("a gave up: Every attempt was cut short."))


async def test_bytes_that_are_no_job_are_buried_and_others_go_on(bus: Bus) -> None:
    async def do(attempt: Attempt) -> None: ...

    memory = Memory(do)
    async with working(bus, memory):
        for bad in (b"", b"\xff\x00", b"[]", b'{"id": 1}'):
            await bus.publish(run_subject("test"), bad, headers={"Nats-Msg-Id": new_id().hex})
        await publish(bus, "good")
        await eventually(lambda: memory.says("good done"))
        await eventually(lambda: queue_is_empty(bus))
    assert await dead_letters(bus) == 4


async def test_a_message_that_comes_again_for_a_final_job_does_nothing(bus: Bus) -> None:
    async def do(attempt: Attempt) -> None: ...

    memory = Memory(do)
    async with working(bus, memory):
        await publish(bus, "a")
        await eventually(lambda: memory.says("a done"))
        await publish(bus, "a")
        await eventually(lambda: queue_is_empty(bus))
    assert memory.log == ["a 1", "a done"]


async def test_a_worker_that_was_superseded_leaves_the_message_to_the_other(bus: Bus) -> None:
    async def stalled_once(attempt: Attempt) -> None:
        if attempt.fence == 1:
            raise JobSuperseded

    memory = Memory(stalled_once)
    async with working(bus, memory, ack_wait=0.5):
        await publish(bus, "a")
        await eventually(lambda: memory.says("a done"))
        await eventually(lambda: queue_is_empty(bus))
    assert memory.log == ["a 1", "a 2", "a done"]


async def test_a_job_that_is_cut_off_by_a_stop_costs_no_attempt_and_goes_on_elsewhere_at_once(
    bus: Bus,
) -> None:
    async def hang(attempt: Attempt) -> None:
        await asyncio.sleep(60)

    async def do(attempt: Attempt) -> None: ...

    first = Memory(hang)
    async with working(bus, first):
        await publish(bus, "a")
        await eventually(lambda: first.says("a 1"))
    assert first.log == ["a 1", "a postponed"]
    second = Memory(do)
    async with working(bus, second):
        await eventually(lambda: second.says("a done"), within=2)


async def test_a_job_of_a_killed_worker_is_taken_over_after_the_ack_wait(bus: Bus) -> None:
    async def hang(attempt: Attempt) -> None:
        await asyncio.sleep(60)

    async def do(attempt: Attempt) -> None: ...

    first, second = Memory(hang), Memory(do)
    async with working(bus, first, ack_wait=1.0, workers=1) as connection:
        await publish(bus, "a")
        await eventually(lambda: first.says("a 1"))
        # A killed process answers nothing any more: its connection goes, its claim stays.
        await connection.raw.close()
        async with working(bus, second, ack_wait=1.0):
            await eventually(lambda: second.says("a done"), within=4)


async def test_retries_wait_twice_as_long_each_time_and_never_too_long() -> None:
    for attempt in range(1, 30):
        longest = min(2.0 * 2 ** (attempt - 1), 120.0)
        assert longest / 2 <= retry_delay(attempt) <= longest


async def test_a_dead_letter_is_kept_when_the_job_cannot_be_marked(bus: Bus) -> None:
    """The copy is made first: what dies in between is tried again, and the copy is dropped as a duplicate."""

    class Forgetful(Memory):
        async def fail(self, attempt: Attempt, reason: str, *, final: bool) -> None:
            if attempt.fence == 1:
                raise OSError("disk full")
            await super().fail(attempt, reason, final=final)

    async def reject(attempt: Attempt) -> None:
        raise JobRejected("no")

    memory = Forgetful(reject)
    async with working(bus, memory):
        await publish(bus, "a")
        await eventually(lambda: memory.says("a gave up: no"))
        await eventually(lambda: queue_is_empty(bus))
    assert await dead_letters(bus) == 1
    with pytest.raises(NotFoundError):
        await bus.jetstream.get_msg("JOBS_DLQ", 2)
