"""A reviewer without an account suggests an edit, and its owner takes it over; work that nobody wants any more ends."""

import signal

import httpx

from tests.e2e.documents import FULL, text_of
from tests.e2e.people import Person
from tests.e2e.stack import Stack, eventually


def test_a_suggestion_of_a_stranger_ends_up_in_the_pdf(stack: Stack) -> None:
    person = Person(stack)
    resume_id = person.resume(FULL)
    share = person.http.post(f"/api/v1/resumes/{resume_id}/shares", json={"allowComments": True}).json()
    path = f"/api/v1/shared/{share['slug']}/comments"
    with stack.client() as stranger:
        said = {
            "name": "Charles",
            "text": "Shorter?",
            "anchor": {"target": "basics", "path": "/label"},
            "suggestion": {"replacement": "Countess of Computing"},
        }
        made = stranger.post(path, json=said)
        assert made.status_code == 201, made.text
        comment = made.json()["comment"]
        assert stranger.get(f"/r/{share['slug']}/comments").status_code == 200
        mails = eventually(lambda: _about_comments(stack, person))
        assert len(mails) == 1
        accepted = person.http.post(f"/api/v1/comments/{comment['id']}/accept")
        assert accepted.status_code == 200, accepted.text
        export = person.export(resume_id)
        assert person.finished(export["jobId"])["state"] == "succeeded"
        assert "Countess of Computing" in text_of(person.download(export["exportId"]))
        person.http.delete(f"/api/v1/shares/{share['id']}")
        assert stranger.get(path).status_code == 404


def _about_comments(stack: Stack, person: Person) -> list[object]:
    return [mail for mail in stack.mails(person.email) if "comments" in str(mail["Subject"]).lower()]


def test_a_cancel_while_the_processor_is_away_ends_in_one_way_when_it_is_back(stack: Stack) -> None:
    person = Person(stack)
    resume_id = person.resume(FULL)
    stack.kill("processor", signal.SIGSTOP)
    try:
        export = person.export(resume_id)
        cancelled = _cancel(person, export)
        assert (cancelled.status_code, cancelled.json()["state"]) == (202, "queued")
        assert _cancel(person, export).status_code == 202
    finally:
        stack.kill("processor", signal.SIGCONT)
    state = person.finished(export["jobId"])["state"]
    read = person.http.get(f"/api/v1/exports/{export['exportId']}").json()
    assert read["status"] == state
    assert (read["downloadUrl"] is None) == (state == "cancelled"), "either, and never both"
    assert state in {"cancelled", "succeeded"}
    assert _cancel(person, export).status_code == (202 if state == "cancelled" else 409)


def _cancel(person: Person, export: dict[str, str]) -> httpx.Response:
    return person.http.post(f"/api/v1/jobs/{export['jobId']}/cancel")
