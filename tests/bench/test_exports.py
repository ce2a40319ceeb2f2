"""Exports through the whole platform on this machine: how long one takes, how many a second go through, and whether people
in front of an editor feel it.

Many are of as many resumes, which have no line in common: what was read, frozen or laid out for one helps no other.
"""

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from statistics import quantiles
from typing import Any

from processor.rendering import Renderer
from tests.bench.test_engines import AT_A_TIME, TYPST, Contender
from tests.e2e.documents import FULL
from tests.e2e.people import Person
from tests.e2e.stack import Stack

Writer = tuple[Person, list[str]]
"""Somebody, and the resumes that they have."""

SENDERS = 4
SUSTAINED, QUEUED = 400, 500
_TEXTS = frozenset(
    {"label", "summary", "highlights", "position", "description", "area", "courses", "reference", "title"}
)
_numbers = count()


def _reworded(value: Any, number: int, *, is_text: bool = False) -> Any:
    """A document with its texts in other words: those it has, turned by `number`, and that itself."""
    if isinstance(value, dict):
        return {name: _reworded(inner, number, is_text=name in _TEXTS) for name, inner in value.items()}
    if isinstance(value, list):
        return [_reworded(inner, number, is_text=is_text) for inner in value]
    if not isinstance(value, str) or not is_text:
        return value
    words = value.split()
    at = number % len(words)
    return " ".join([*words[at:], *words[:at], str(number)])


def _writer(stack: Stack, resumes: int) -> Writer:
    person = Person(stack)
    return person, [person.resume(_reworded(FULL, next(_numbers))) for _ in range(resumes)]


def _writers(stack: Stack, resumes: int) -> list[Writer]:
    """People with so many resumes in all."""
    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(lambda _: _writer(stack, resumes // SENDERS), range(SENDERS)))


def _export_all(person: Person, resumes: list[str]) -> None:
    for resume in resumes:
        person.export(resume)


def _send(writers: list[Writer]) -> list[Future[None]]:
    """Each asks for a PDF of each of their resumes, all at once."""
    pool = ThreadPoolExecutor(len(writers))
    sent = [pool.submit(_export_all, person, resumes) for person, resumes in writers]
    pool.shutdown(wait=False)
    return sent


def _has_left(person: Person) -> bool:
    """Whether some of the person's exports are not done."""
    states = ("queued", "running", "retrying")
    return any(person.http.get(f"/api/v1/exports?limit=1&status={state}").json()["items"] for state in states)


def _wait(writers: list[Writer], *, within: float) -> None:
    end = time.monotonic() + within
    while any(_has_left(person) for person, _ in writers):
        assert time.monotonic() < end, "the exports are not done"
        time.sleep(0.2)


def _failures(writers: list[Writer]) -> int:
    return sum(len(p.http.get("/api/v1/exports?status=failed").json()["items"]) for p, _ in writers)


def _speed() -> float:
    """PDFs of three pages a second that Typst alone makes here and now."""

    async def measured() -> float:
        typst = Contender("Typst", Renderer(workers=AT_A_TIME + 1), TYPST)
        await typst.render_for(1.0)
        await typst.take_turn()
        await typst.renderer.stop()
        return typst.rate

    return asyncio.run(measured())


def test_an_export_is_downloadable_at_once(stack: Stack) -> None:
    """From `POST /exports` to a presigned URL that gives the PDF, each time of content never rendered before."""
    person = Person(stack)
    took = []
    for n in range(62):
        resume = person.resume({**FULL, "basics": {**FULL["basics"], "label": f"Engineer {n}"}})
        started = time.perf_counter()
        export = person.export(resume)
        for event in person.events(export["jobId"]):
            last = event["state"]
        assert last == "succeeded"
        assert person.http.get(f"/api/v1/exports/{export['exportId']}").json()["downloadUrl"]
        took.append(time.perf_counter() - started)
        assert person.download(export["exportId"]).startswith(b"%PDF-")
    steps = quantiles(took[2:], n=20)
    p50, p95 = steps[9] * 1000, steps[18] * 1000
    print(f"\nPOST /exports to downloadable PDF, 60 in a row: p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    assert p50 <= 100
    assert p95 <= 400


def test_exports_a_second_through_the_whole_platform(stack: Stack) -> None:
    writers = _writers(stack, SUSTAINED)
    started = time.monotonic()
    for sent in _send(writers):
        sent.result()
    accepted = time.monotonic() - started
    _wait(writers, within=60)
    seconds = time.monotonic() - started
    rate, speed = SUSTAINED / seconds, _speed()
    print(
        f"\n{SUSTAINED} exports of {SENDERS} people, each of another resume: {rate:.0f}/s from the first POST to the last file "
        f"(accepted at {SUSTAINED / accepted:.0f}/s); Typst alone makes {speed:.0f} PDFs of three pages a second"
    )
    assert _failures(writers) == 0
    assert rate >= 40


def test_editors_do_not_feel_500_queued_exports(stack: Stack) -> None:
    writers, editor = _writers(stack, QUEUED), Person(stack)
    sent = _send(writers)
    took: list[float] = []
    started = time.monotonic()
    while not all(one.done() for one in sent) or any(_has_left(person) for person, _ in writers[:1]):
        content = {**FULL, "basics": {**FULL["basics"], "label": f"Engineer {len(took)}"}}
        body = {"content": content, "template": "classic", "session": "editor"}
        before = time.perf_counter()
        answer = editor.http.post("/render/v1/previews", json=body)
        took.append(time.perf_counter() - before)
        assert answer.status_code == 200, answer.text
        time.sleep(0.05)
    _wait(writers, within=60)
    seconds = time.monotonic() - started
    steps = quantiles(took, n=20)
    p50, p95 = steps[9] * 1000, steps[18] * 1000
    print(
        f"\n{QUEUED} exports drained in {seconds:.1f} s; {len(took)} previews meanwhile: p50 {p50:.0f} ms, p95 {p95:.0f} ms"
    )
    assert _failures(writers) == 0
    assert p95 <= 150
