"""Exports through the whole platform on this machine: how long one takes, how many a second go through, and whether people
in front of an editor feel it."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from statistics import quantiles

from tests.e2e.documents import FULL
from tests.e2e.people import Person
from tests.e2e.stack import Stack

SENDERS = 4
SUSTAINED, QUEUED = 400, 500
_colours = count()


def _export(person: Person, resume: str) -> str:
    """Ask for a PDF that was never made before; its export."""
    look = {"accent": f"#{next(_colours):06x}"}
    return person.export(resume, template="classic", options=look)["exportId"]


def _send(people: list[tuple[Person, str]], exports: int) -> list[Future[list[str]]]:
    """Each of the people asks for their share, all at once."""
    pool = ThreadPoolExecutor(len(people))
    share = exports // len(people)
    sent = [pool.submit(lambda p, r: [_export(p, r) for _ in range(share)], p, r) for p, r in people]
    pool.shutdown(wait=False)
    return sent


def _has_left(person: Person) -> bool:
    """Whether some of the person's exports are not done."""
    states = ("queued", "running", "retrying")
    return any(person.http.get(f"/api/v1/exports?limit=1&status={state}").json()["items"] for state in states)


def _wait(people: list[tuple[Person, str]], *, within: float) -> None:
    end = time.monotonic() + within
    while any(_has_left(person) for person, _ in people):
        assert time.monotonic() < end, "the exports are not done"
        time.sleep(0.05)


def _failures(people: list[tuple[Person, str]]) -> int:
    return sum(len(p.http.get("/api/v1/exports?status=failed").json()["items"]) for p, _ in people)


def _people(stack: Stack, number: int) -> list[tuple[Person, str]]:
    people = [Person(stack) for _ in range(number)]
    return [(person, person.resume(FULL)) for person in people]


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
    people = _people(stack, SENDERS)
    started = time.monotonic()
    for sent in _send(people, SUSTAINED):
        sent.result()
    accepted = time.monotonic() - started
    _wait(people, within=60)
    seconds = time.monotonic() - started
    print(
        f"\n{SUSTAINED} exports of {SENDERS} people: {SUSTAINED / seconds:.0f}/s from the first POST to the last file "
        f"(accepted at {SUSTAINED / accepted:.0f}/s)"
    )
    assert _failures(people) == 0
    assert SUSTAINED / seconds >= 40


def test_editors_do_not_feel_500_queued_exports(stack: Stack) -> None:
    people, editor = _people(stack, SENDERS), Person(stack)
    sent = _send(people, QUEUED)
    took: list[float] = []
    started = time.monotonic()
    while not all(one.done() for one in sent) or any(_has_left(person) for person, _ in people[:1]):
        content = {**FULL, "basics": {**FULL["basics"], "label": f"Engineer {len(took)}"}}
        body = {"content": content, "template": "classic", "session": "editor"}
        before = time.perf_counter()
        answer = editor.http.post("/render/v1/previews", json=body)
        took.append(time.perf_counter() - before)
        assert answer.status_code == 200, answer.text
        time.sleep(0.05)
    _wait(people, within=60)
    seconds = time.monotonic() - started
    steps = quantiles(took, n=20)
    p50, p95 = steps[9] * 1000, steps[18] * 1000
    print(
        f"\n{QUEUED} exports drained in {seconds:.1f} s; {len(took)} previews meanwhile: p50 {p50:.0f} ms, p95 {p95:.0f} ms"
    )
    assert _failures(people) == 0
    assert p95 <= 150
