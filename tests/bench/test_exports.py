import time
from statistics import quantiles

from tests.e2e.documents import FULL
from tests.e2e.people import Person
from tests.e2e.stack import Stack


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
    assert p50 <= 150
    assert p95 <= 400
