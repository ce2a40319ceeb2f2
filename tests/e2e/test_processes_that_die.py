"""RELIABILITY 1, 2, 7, 10, 11, 13 on the whole stack: real processes are killed while real people work."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.documents import FULL, text_of
from tests.e2e.people import Person
from tests.e2e.stack import Stack, eventually

LONG = {**FULL, "work": FULL["work"] * 120}


@contextmanager
def frozen(stack: Stack, name: str) -> Iterator[None]:
    """A process that is there and does not answer, as if its machine were gone."""
    stack.kill(name, signal.SIGSTOP)
    try:
        yield
    finally:
        stack.kill(name, signal.SIGCONT)


def test_a_processor_killed_in_mid_job_loses_nothing_and_doubles_nothing(stack: Stack) -> None:
    person = Person(stack)
    resumes = [person.resume({**LONG, "basics": {**FULL["basics"], "label": f"Copy {n}"}}) for n in range(6)]
    exports = [person.export(resume, notify=True) for resume in resumes]
    pid = stack.kill("processor")
    stack.wait_restarted("processor", pid)
    for n, export in enumerate(exports):
        assert person.finished(export["jobId"], within=90)["state"] == "succeeded"
        assert f"Copy {n}" in text_of(person.download(export["exportId"]))
    ready = eventually(
        lambda: len(_ready_mails(stack, person)) >= len(exports) and _ready_mails(stack, person)
    )
    time.sleep(1)
    assert len(_ready_mails(stack, person)) == len(exports), [str(m["Subject"]) for m in ready]


def _ready_mails(stack: Stack, person: Person) -> list[object]:
    return [mail for mail in stack.mails(person.email) if "ready" in str(mail["Subject"]).lower()]


def test_while_nats_is_away_work_is_accepted_and_is_done_after_its_return(stack: Stack) -> None:
    person = Person(stack)
    resume_id = person.resume(FULL)
    pid = stack.kill("nats")
    export = person.export(resume_id)
    changed = {**FULL, "basics": {**FULL["basics"], "label": "Written while NATS was away"}}
    put = person.http.put(f"/api/v1/resumes/{resume_id}/content", json=changed)
    assert put.status_code == 200, put.text
    assert person.http.get(f"/api/v1/resumes/{resume_id}/content").json() == changed
    stack.wait_restarted("nats", pid)
    assert person.finished(export["jobId"])["state"] == "succeeded"
    eventually(lambda: person.http.get("/api/v1/resumes").status_code == 200)


def test_readiness_names_what_is_missing(stack: Stack) -> None:
    api = stack.run["services"]["api"]
    with frozen(stack, "nats"):
        import httpx

        answer = httpx.get(f"{api}/readyz", timeout=10, trust_env=False)
        assert answer.status_code == 503
        assert "nats" in answer.json()["missing"]
    eventually(lambda: httpx.get(f"{api}/readyz", timeout=10, trust_env=False).status_code == 200)


def test_who_registers_while_account_is_down_has_a_profile_when_it_is_back(stack: Stack) -> None:
    with frozen(stack, "account"):
        person = Person(stack)
        assert (
            person.http.post("/auth/verify", json={"token": person.verification_token()}).status_code == 204
        )
    assert eventually(lambda: person.http.get("/account/v1/profile").status_code == 200, within=30)
    assert person.http.get("/account/v1/profile").json()["email"] == person.email


def test_an_account_service_that_is_killed_comes_back_and_has_every_profile(stack: Stack) -> None:
    pid = stack.kill("account")
    people = [Person(stack) for _ in range(3)]
    stack.wait_restarted("account", pid)
    for person in people:
        eventually(lambda person=person: person.http.get("/account/v1/profile").status_code == 200)


def test_mail_waits_for_smtp_and_goes_out_once(stack: Stack) -> None:
    with frozen(stack, "desk"):
        person = Person(stack)
        time.sleep(1)
    eventually(lambda: len(stack.mails(person.email)) == 1, within=60)
    time.sleep(1)
    assert len(stack.mails(person.email)) == 1


def test_tokens_keep_working_while_the_sso_is_down(stack: Stack) -> None:
    person = Person(stack)
    resume_id = person.resume(FULL)
    with frozen(stack, "sso"):
        assert person.http.get(f"/api/v1/resumes/{resume_id}/content").status_code == 200
        export = person.export(resume_id)
        assert person.finished(export["jobId"])["state"] == "succeeded"


def test_a_restart_under_load_loses_no_request(stack: Stack) -> None:
    person = Person(stack)
    resume_id = person.resume(FULL)
    failures: list[str] = []
    stop = threading.Event()

    def read() -> None:
        with stack.client() as client:
            client.headers.update(person.http.headers)
            while not stop.is_set():
                answer = client.get(f"/api/v1/resumes/{resume_id}/content")
                if answer.status_code != 200:
                    failures.append(f"{answer.status_code} {answer.text}")

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        time.sleep(0.5)
        pid = stack.kill("api", signal.SIGTERM)
        stack.wait_restarted("api", pid)
        time.sleep(0.5)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert failures == []


def test_sigkill_right_after_the_answer_keeps_what_was_accepted(stack: Stack) -> None:
    person = Person(stack)
    resume_id = person.resume(FULL)
    export = person.export(resume_id)
    pid = stack.kill("api")
    stack.wait_restarted("api", pid)
    assert person.finished(export["jobId"])["state"] == "succeeded"
    assert person.http.get(f"/api/v1/resumes/{resume_id}/content").json() == FULL
