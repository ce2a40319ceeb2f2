"""Worker processes: whatever a document does to one, the others, the next document and the service go on."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from prometheus_client import REGISTRY

from common.testing.fixtures import eventually
from processor.rendering import RenderFailed, RenderTimedOut, Template, load_builtin
from processor.rendering.documents import Document
from processor.rendering.errors import EngineUnavailable
from processor.rendering.manifest import resolve_options
from processor.rendering.workers import child, pool
from processor.rendering.workers.child import Limits
from processor.rendering.workers.pool import Pool
from processor.rendering.workers.protocol import Done, FrameTooLarge, Pages, Sheet, frame_of

ENDLESS = "#for a in range(100000) { for b in range(100000) {} }"
SLOW = "#for a in range(400) { for b in range(1000) { let c = a + b } }\nslow"
HUNGRY = "#{let all = (); for a in range(100000) { for b in range(100000) { all.push(str(a) + `x`.text * 400) } } }"
MB = 1 << 20
MakeTask = Callable[..., Pages]


@pytest.fixture
def task(tmp_path: Path) -> MakeTask:
    """`task(source)`: lay out a template of that source, or the builtin one; other contents by `name`."""

    def make(source: str = "", *, name: str = "Ada") -> Pages:
        template: Template = load_builtin()["classic", 1]
        options = resolve_options(template, {})
        if source:
            folder = tmp_path / str(abs(hash(source)))
            folder.mkdir(exist_ok=True)
            (folder / "main.typ").write_text(source)
            template = msgspec.structs.replace(template, folder=folder)
        return Pages(template, Sheet.of(Document({"basics": {"name": name}}, "en", "")), options, "pdf")

    return make


@asynccontextmanager
async def pool_of(workers: int = 1, **limits: Any) -> AsyncIterator[Pool]:
    opened = Pool(workers=workers, limits=Limits(**limits))
    opened.start()
    try:
        yield opened
    finally:
        await opened.stop()


async def busy(opened: Pool, *, but: int = 0) -> int:
    """The worker that renders right now, and has for a moment."""

    async def found() -> bool:
        return bool(set(opened.busy) - {but})

    await eventually(found)
    await asyncio.sleep(0.05)
    return (set(opened.busy) - {but}).pop()


async def whole(opened: Pool) -> None:
    async def ready() -> bool:
        return opened.is_whole

    await eventually(ready)


async def test_a_document_that_never_ends_is_cut_off_and_the_next_is_rendered(task: MakeTask) -> None:
    async with pool_of(seconds=0.5) as opened:
        assert (await opened.run(task())).files
        first = opened.pids
        with pytest.raises(RenderTimedOut, match=r"0\.5 s"):
            await opened.run(task(ENDLESS))
        assert (await opened.run(task())).page_count == 1
        assert not set(first) & set(opened.pids)
        assert not psutil.pid_exists(first[0])


async def test_a_document_that_eats_memory_is_cut_off_and_not_tried_again(task: MakeTask) -> None:
    lost = REGISTRY.get_sample_value("render_workers_lost_total") or 0.0
    async with pool_of(memory=200 * MB) as opened:
        with pytest.raises(RenderFailed, match="memory"):
            await opened.run(task(HUNGRY))
        assert (await opened.run(task())).files
    assert REGISTRY.get_sample_value("render_workers_lost_total") == lost + 1, "operators are told"


async def test_a_document_whose_worker_dies_is_rendered_by_another(task: MakeTask) -> None:
    async with pool_of() as opened:
        await opened.run(task())
        rendering = asyncio.ensure_future(opened.run(task(SLOW)))
        os.kill(await busy(opened), signal.SIGABRT)
        assert (await rendering).files


async def test_a_document_that_takes_two_workers_with_it_is_refused(task: MakeTask) -> None:
    async with pool_of() as opened:
        await opened.run(task())
        rendering = asyncio.ensure_future(opened.run(task(ENDLESS)))
        first = await busy(opened)
        os.kill(first, signal.SIGABRT)
        os.kill(await busy(opened, but=first), signal.SIGSEGV)
        with pytest.raises(RenderFailed, match="broke"):
            await rendering
        assert (await opened.run(task())).files


SERVICE = """
import asyncio, sys
from pathlib import Path
import msgspec
from processor.rendering import Renderer, Wanted, load_builtin
from processor.rendering.documents import Document

async def main():
    renderer = Renderer(workers=1)
    template = msgspec.structs.replace(load_builtin()["classic", 1], folder=Path(sys.argv[1]))
    rendering = asyncio.ensure_future(renderer.render(Wanted(template, Document({}, "en", ""), {}, "pdf")))
    while not renderer._pool.busy:
        await asyncio.sleep(0.01)
    print(*renderer.pids, flush=True)
    await rendering

asyncio.run(main())
"""


def folders_of(service: int) -> list[Path]:
    """What the workers of a service have on the disk."""
    return list(Path(tempfile.gettempdir()).glob(f"resumax-render-{service}-*"))


def test_workers_end_with_a_service_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "main.typ").write_text(ENDLESS)
    command = [sys.executable, "-c", SERVICE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        workers = [psutil.Process(int(pid)) for pid in service.stdout.readline().split()]
        assert len(workers) == len(folders_of(service.pid)) == 1
        service.kill()
    gone, alive = psutil.wait_procs(workers, timeout=5)
    assert (len(gone), alive) == (1, [])
    child.sweep()
    assert folders_of(service.pid) == []


async def test_people_who_wait_come_first_and_bulk_last(task: MakeTask) -> None:
    ended: list[str] = []

    async def render(priority: Any) -> None:
        await opened.run(task(name=priority), priority=priority)
        ended.append(priority)

    async with pool_of() as opened:
        first = asyncio.ensure_future(opened.run(task(SLOW)))
        await asyncio.sleep(0)
        await asyncio.gather(*map(render, ["bulk", "normal", "interactive", "bulk", "normal", "interactive"]))
        await first
    assert ended == ["interactive"] * 2 + ["normal"] * 2 + ["bulk"] * 2


async def test_one_worker_is_always_free_for_people_who_wait(task: MakeTask) -> None:
    async with pool_of(2) as opened:
        endless = [asyncio.ensure_future(opened.run(task(ENDLESS), priority="bulk")) for _ in range(3)]
        await asyncio.sleep(0)
        assert (await opened.run(task(), priority="interactive")).files
    assert [str(e) for e in await asyncio.gather(*endless, return_exceptions=True)] == [
        "The service is stopping."
    ] * 3


async def test_while_somebody_waits_one_other_worker_is_enough(task: MakeTask) -> None:
    async with pool_of(3, interactive=2.0) as opened:
        await whole(opened)
        waited_for = asyncio.ensure_future(opened.run(task(ENDLESS), priority="interactive"))
        front = await busy(opened)
        others = [asyncio.ensure_future(opened.run(task(ENDLESS))) for _ in range(2)]
        await busy(opened, but=front)
        assert len(opened.busy) == 2
        with pytest.raises(RenderTimedOut):
            await waited_for

        async def are_both_at_it() -> bool:
            return len(opened.busy) == 2

        await eventually(are_both_at_it)
    await asyncio.gather(*others, return_exceptions=True)


async def test_however_many_wait_for_previews_one_worker_is_left_for_files() -> None:
    async with pool_of(3) as opened:
        await whole(opened)
        previews = [await opened._acquire("interactive", "") for _ in range(2)]
        async with asyncio.timeout(1):
            file = await opened._acquire("normal", "")
        for child in (*previews, file):
            opened._release(child)


async def test_who_waits_is_served_when_a_worker_that_was_at_it_leaves() -> None:
    async with pool_of(3) as opened:
        await whole(opened)
        front = await opened._acquire("interactive", "")
        other = await opened._acquire("normal", "")
        last = asyncio.ensure_future(opened._acquire("normal", ""))
        await asyncio.sleep(0.05)
        assert not last.done()
        opened._children.discard(front)
        opened._leaving.add(front)  # as one does whose successor is ready
        opened._release(front)
        async with asyncio.timeout(1):
            opened._release(await last)
        opened._release(other)


async def test_a_document_goes_where_its_layout_is_known(task: MakeTask) -> None:
    async with pool_of(2) as opened:
        await whole(opened)
        await opened.run(task(), priority="interactive", affinity="mine")
        known = [c for c in opened._children if "mine" in c.recent]
        for n in range(4):
            await opened.run(task(name=f"{n}"), priority="interactive", affinity="other")
            await opened.run(task(name=f"{n}"), priority="interactive", affinity="mine")
        assert [c for c in opened._children if "mine" in c.recent] == known


async def test_too_many_who_wait_are_sent_away_at_once(
    task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "MOST_WAITING", 3)
    monkeypatch.setattr(pool, "LONGEST_WAIT", 0.3)
    async with pool_of() as opened:
        await whole(opened)
        endless = asyncio.ensure_future(opened.run(task(ENDLESS)))
        await busy(opened)
        waiting = [asyncio.ensure_future(opened.run(task())) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(EngineUnavailable, match="Too many"):
            await opened.run(task())
        for outcome in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(outcome, EngineUnavailable)
            assert outcome.retry_after == 5
    await asyncio.gather(endless, return_exceptions=True)


async def test_a_document_that_nobody_waits_for_any_more_gives_its_worker_back(
    task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pool_of() as opened:
        await opened.run(task())
        before = opened.pids
        monkeypatch.setattr(pool, "LET_END", 9.0)
        quick = asyncio.ensure_future(opened.run(task(name="quick")))
        await asyncio.sleep(0.001)
        quick.cancel()
        await opened.run(task())
        assert opened.pids == before  # what is nearly done may end
        monkeypatch.setattr(pool, "LET_END", 0.1)
        endless = asyncio.ensure_future(opened.run(task(ENDLESS)))
        await busy(opened)
        endless.cancel()
        assert (await opened.run(task())).files
        assert opened.pids != before


async def test_any_worker_new_or_old_gives_the_same_bytes(task: MakeTask) -> None:
    async with pool_of(2) as many, pool_of(documents=1) as fresh:
        await whole(many)
        made = await asyncio.gather(*(many.run(task(), priority="interactive") for _ in range(6)))
        assert all(c.documents for c in many._children)
        seen = set()
        for _ in range(2):
            await whole(fresh)
            old = fresh.pids
            made.append(await fresh.run(task()))

            async def succeeded(old: list[int] = old) -> bool:
                return fresh.is_whole and not set(old) & set(fresh.pids)

            await eventually(succeeded)
            seen.update(old)
    assert len({result.files[0] for result in made}) == 1
    assert len(seen) == 2


async def test_a_worker_that_has_grown_is_replaced_and_goes_on_until_then(task: MakeTask) -> None:
    async with pool_of(keeps=MB) as opened:
        first = opened.pids
        for n in range(25):
            await opened.run(task(name=f"{n}"))

        async def replaced() -> bool:
            return opened.is_whole and not set(first) & set(opened.pids)

        await eventually(replaced)
        assert (await opened.run(task())).files


async def test_a_worker_that_cannot_be_started_is_started_later(
    task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = folders_of(os.getpid())
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    async with pool_of() as opened:
        await asyncio.sleep(0.15)
        assert opened.pids == []
        monkeypatch.undo()
        assert (await opened.run(task())).files
    assert folders_of(os.getpid()) == before


async def test_workers_go_on_when_the_whole_group_is_told_to_end(task: MakeTask) -> None:
    async with pool_of() as opened:
        await opened.run(task())
        before = opened.pids
        for name in (
            signal.SIGTERM,
            signal.SIGINT,
        ):  # what comes to an end first is the service, and its jobs need them
            os.kill(before[0], name)
        await opened.run(task())
        assert opened.pids == before


async def test_a_worker_knows_no_secret_of_the_service_and_leaves_no_dump(
    monkeypatch: pytest.MonkeyPatch, task: MakeTask
) -> None:
    monkeypatch.setenv("PROCESSOR_CLIENT_SECRET", "hush")
    async with pool_of() as opened:
        await opened.run(task())
        (pid,) = opened.pids
        assert "PROCESSOR_CLIENT_SECRET" not in psutil.Process(pid).environ()
        assert psutil.Process(pid).rlimit(psutil.RLIMIT_CORE) == (0, 0)


def test_a_worker_loads_neither_the_web_nor_the_database() -> None:
    script = "import sys, processor.rendering.workers.process; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "processor.rendering.typst" in loaded.split()
    assert not {"litestar", "sqlalchemy", "nats", "minio", "playwright"} & set(loaded.split())


async def test_a_failing_document_costs_no_worker(task: MakeTask) -> None:
    async with pool_of() as opened:
        await opened.run(task())
        before = opened.pids
        with pytest.raises(RenderFailed, match=r"main\.typ:1") as caught:
            await opened.run(task("#panic(sys.inputs.outline)", name="Secret Person"))
        assert "Secret" not in str(caught.value)
        assert opened.pids == before


def test_frames_have_an_end() -> None:
    with pytest.raises(FrameTooLarge):
        frame_of(Done([b"x" * 2000]), largest=1000)
