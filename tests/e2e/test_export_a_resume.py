import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import pytest
import yaml
from playwright.sync_api import Browser, Request

from common.testing import npm
from tests.e2e.documents import FULL, missing, missing_in, squeezed, text_of
from tests.e2e.people import PASSWORD, Person
from tests.e2e.stack import Stack, eventually


def test_a_stranger_registers_verifies_imports_and_gets_a_pdf_of_every_word(stack: Stack) -> None:
    person = Person(stack)
    page = person.http.get(person.verification_link())
    assert page.status_code == 200
    assert (
        person.http.get("/auth/me").json()["emailVerified"] is False
    )  # looking at the link is not pressing it
    assert person.press(page).status_code == 200
    assert person.http.get("/auth/me").json()["emailVerified"] is True
    assert person.press(page).status_code == 400
    person.login()
    assert eventually(lambda: person.http.get("/account/v1/profile").status_code == 200)

    resume_id = person.resume(FULL)
    assert person.http.get(f"/api/v1/resumes/{resume_id}/content").json() == FULL

    export = person.export(resume_id, notify=True)
    states = [event["state"] for event in person.events(export["jobId"])]
    assert states[-1] == "succeeded"

    pdf = person.download(export["exportId"])
    assert pdf.startswith(b"%PDF-")
    assert missing(FULL, pdf) == []


FORMATS = ("pdf", "docx", "html", "md", "txt", "json", "yaml", "png")


def test_a_resume_comes_in_every_format_and_goes_in_again(stack: Stack) -> None:
    person = Person(stack)
    resume_id = person.resume(FULL)
    asked = {format: person.export(resume_id, format=format) for format in FORMATS}
    files: dict[str, bytes] = {}
    for format, export in asked.items():
        assert person.finished(export["jobId"])["state"] == "succeeded", format
        read = person.http.get(f"/api/v1/exports/{export['exportId']}").json()
        answer = httpx.get(read["downloadUrl"], trust_env=False)
        assert answer.headers["content-type"] == read["mediaType"]
        assert "attachment" in answer.headers["content-disposition"]
        assert quote(read["fileName"], safe="") in answer.headers["content-disposition"]
        assert (read["size"], read["sha256"]) == (
            len(answer.content),
            hashlib.sha256(answer.content).hexdigest(),
        )
        assert (read["pages"] is not None) == (format in {"pdf", "png"})
        files[format] = answer.content

    assert missing_in(FULL, files["txt"].decode()) == []
    assert missing_in(FULL, html.unescape(re.sub("<[^>]*>", "", files["html"].decode()))) == []
    with zipfile.ZipFile(io.BytesIO(files["docx"])) as word:
        assert missing_in(FULL, "".join(words_of(word.read("word/document.xml")))) == []
    with zipfile.ZipFile(io.BytesIO(files["png"])) as pages:
        assert pages.namelist()[0] == "page-1.png"
    assert json.loads(files["json"]) == FULL
    assert yaml.safe_load(files["yaml"]) == FULL
    for format in ("json", "yaml"):
        made = person.http.post("/api/v1/imports", files={"file": (f"me.{format}", files[format])})
        assert made.status_code == 201, made.text
        path = f"/api/v1/resumes/{made.json()['resume']['id']}/content"
        assert person.http.get(path).json() == FULL


def words_of(xml: bytes) -> Iterator[str]:
    return (node.text or "" for node in ElementTree.fromstring(xml).iter() if node.tag.endswith("}t"))


def test_axe_finds_nothing_wrong_with_an_exported_page(stack: Stack, chromium: Browser) -> None:
    person = Person(stack)
    export = person.export(person.resume(FULL), format="html")
    person.finished(export["jobId"])
    data = person.download(export["exportId"]).decode()
    axe = (npm.installed("axe-core@4.14.1") / "node_modules" / "axe-core" / "axe.min.js").read_text()
    asked: list[str] = []

    def asked_for(request: Request) -> None:
        asked.append(request.url)

    schemes: list[tuple[Literal["light", "dark"], int]] = [("light", 360), ("dark", 1000)]
    for scheme, width in schemes:
        context = chromium.new_context(
            color_scheme=scheme,
            viewport={"width": width, "height": 900},
            bypass_csp=True,  # axe is a script, which the page itself allows nobody
        )
        page = context.new_page()
        page.on("request", asked_for)
        page.set_content(data)
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [fault["id"] for fault in found["violations"]] == []
        assert asked == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def test_the_owner_is_mailed_when_the_export_is_ready(stack: Stack) -> None:
    person = Person(stack)
    export = person.export(person.resume(FULL), notify=True)
    person.finished(export["jobId"])
    mails = eventually(lambda: len(stack.mails(person.email)) >= 2 and stack.mails(person.email))
    subjects = [str(mail["Subject"]) for mail in mails]
    assert any("ready" in subject.lower() for subject in subjects), subjects
    for mail in mails:
        assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}


def test_the_second_export_of_the_same_content_is_the_same_file(stack: Stack) -> None:
    person = Person(stack)
    resume_id = person.resume(FULL)
    files = []
    for _ in range(2):
        export = person.export(resume_id)
        job = person.finished(export["jobId"])
        files.append(person.download(export["exportId"]))
    assert files[0] == files[1]
    assert job["result"]["cached"] is True


@pytest.mark.parametrize("template", ["classic", "modern"])
def test_both_templates_render(stack: Stack, template: str) -> None:
    person = Person(stack)
    export = person.export(person.resume(FULL), template=template)
    assert person.finished(export["jobId"])["state"] == "succeeded"
    text = squeezed(text_of(person.download(export["exportId"])))
    assert squeezed("Zoë Ångström-Keller") in text


def test_a_section_that_was_moved_stands_where_its_writer_put_it_in_the_pdf(stack: Stack) -> None:
    person = Person(stack)
    resume_id = person.resume({"work": [{"name": "Engines"}], "skills": [{"name": "Analysis"}]})
    path = f"/api/v1/resumes/{resume_id}/sections"
    work, skills = person.http.get(path).json()["items"]
    moved = person.http.post(f"{path}/{skills['id']}/move", json={"beforeId": work["id"]})
    assert moved.status_code == 200, moved.text
    for order, first, last in (([], "Analysis", "Engines"), (["work", "*"], "Engines", "Analysis")):
        export = person.export(resume_id, template="classic", options={"order": order})
        assert person.finished(export["jobId"])["state"] == "succeeded"
        text = text_of(person.download(export["exportId"]))
        assert text.index(first) < text.index(last)


def test_logout_ends_access_everywhere_within_a_second(stack: Stack) -> None:
    person = Person(stack)
    assert person.http.get("/api/v1/resumes").status_code == 200
    assert (
        person.http.post("/auth/logout", json={"refreshToken": person.tokens["refreshToken"]}).status_code
        == 204
    )
    for path in ("/api/v1/resumes", "/account/v1/profile", "/auth/me"):
        eventually(lambda path=path: person.http.get(path).status_code == 401, within=1.0)
    refused = person.http.post("/auth/refresh", json={"refreshToken": person.tokens["refreshToken"]})
    assert refused.status_code == 401


def test_nothing_personal_or_secret_reaches_a_log(stack: Stack) -> None:
    person = Person(stack, name="Unmistakable Personname")
    export = person.export(person.resume(FULL), notify=True)
    person.finished(export["jobId"])
    token = person.verification_token()
    person.http.post("/auth/login", json={"email": person.email, "password": "wrong-" + PASSWORD})
    logs = stack.logs()
    secrets = [
        person.email,
        PASSWORD,
        token,
        person.tokens["accessToken"],
        person.tokens["refreshToken"],
        "Unmistakable",
        "Zoë",
        "Deep Thought",
    ]
    assert [secret for secret in secrets if secret in logs] == []


def test_the_gateway_never_routes_what_is_internal(stack: Stack) -> None:
    with stack.client() as client:
        for path in (
            "/internal/users",
            "/metrics",
            "/healthz",
            "/readyz",
            "/api/internal/versions/x",
            "/auth/../metrics",
        ):
            answer = client.get(path)
            assert answer.status_code == 404, path
        assert "resuMAX" in client.get("/").text
        for docs in ("/auth/docs", "/api/v1/docs", "/account/v1/docs", "/admin/v1/docs", "/render/v1/docs"):
            assert client.get(docs).status_code == 200, docs


def test_one_request_id_leads_through_the_services(stack: Stack) -> None:
    person = Person(stack)
    person.http.headers["X-Request-Id"] = "follow-this-export"
    person.finished(person.export(person.resume(FULL))["jobId"])

    def lines(service: str, event: str) -> list[str]:
        log = (stack.data / "logs" / f"{service}.log").read_text().splitlines()
        return [
            line
            for line in log
            if '"requestId":"follow-this-export"' in line and f'"event":"{event}"' in line
        ]

    assert eventually(lambda: lines("api", "request") and lines("processor", "job_ended"))
