"""A resume is imported, edited in parts, compared, shared, commented on by somebody without an account, and exported."""

import io
import random
import zipfile
from typing import Any

import httpx

from tests.e2e.documents import text_of
from tests.e2e.people import Person
from tests.e2e.stack import Stack, eventually

YAML = """
cv:
  name: Ada Lovelace
  headline: Analyst
  email: ada@example.com
  location: London
  sections:
    summary:
      - Wrote down how an engine could compute.
    experience:
      - company: Analytical Engine
        position: Programmer
        start_date: 1842-02
        end_date: present
        highlights:
          - Wrote the first program
    education:
      - institution: Home
        area: Mathematics
        start_date: 1832
        end_date: 1835
"""


def ok(answer: httpx.Response) -> Any:
    assert answer.is_success, (answer.request.method, answer.request.url.path, answer.text)
    return answer.json() if answer.content else None


def imported(person: Person) -> str:
    """The path of a resume that came from a file of RenderCV."""
    made = ok(
        person.http.post(
            "/api/v1/imports",
            data={"format": "rendercv"},
            files={"file": ("Ada_CV.yaml", YAML.encode(), "application/yaml")},
        )
    )
    return f"/api/v1/resumes/{made['resume']['id']}"


def first_item(person: Person, path: str, kind: str) -> dict[str, Any]:
    sections = ok(person.http.get(f"{path}/sections"))["items"]
    section = next(section for section in sections if section["kind"] == kind)
    found: dict[str, Any] = ok(person.http.get(f"{path}/sections/{section['id']}/items"))["items"][0]
    return found


def test_a_resume_from_its_import_to_a_reviewed_pdf(stack: Stack) -> None:
    person = Person(stack)
    path = imported(person)
    content = ok(person.http.get(f"{path}/content"))
    assert content["work"][0]["name"] == "Analytical Engine"
    assert content["work"][0]["highlights"] == ["Wrote the first program"]

    before = ok(person.http.post(f"{path}/versions", json={"name": "As imported"}))
    item = first_item(person, path, "work")
    edit = {"fields": {"summary": "Led the notes on the engine."}}
    ok(person.http.patch(f"{path}/items/{item['id']}", json=edit))
    diff = ok(person.http.get(f"/api/v1/versions/{before['id']}/diff?against=current"))
    assert any("Led the notes" in str(change) for change in diff["changes"])

    share = ok(person.http.post(f"{path}/shares", json={"allowComments": True, "allowDownload": True}))
    with stack.client() as reviewer:
        page = reviewer.get(f"/r/{share['slug']}")
        assert "Led the notes on the engine." in page.text
        assert "noindex" in page.headers["x-robots-tag"]
        comment = {
            "name": "Charles",
            "text": "Say that it was a program.",
            "anchor": {"target": "item", "itemId": item["id"]},
            "suggestion": {"path": "/summary", "replacement": "Led the program and its notes."},
        }
        ok(reviewer.post(f"/api/v1/shared/{share['slug']}/comments", json=comment))

    thread = ok(person.http.get(f"{path}/comments"))["items"][0]
    assert thread["author"]["name"] == "Charles"
    ok(person.http.post(f"/api/v1/comments/{thread['id']}/accept", json={}))
    assert ok(person.http.get(f"{path}/content"))["work"][0]["summary"] == "Led the program and its notes."

    export = person.export(path.rsplit("/", 1)[1], template="modern")
    assert person.finished(export["jobId"])["state"] == "succeeded"
    assert "Led the program and its notes." in text_of(person.download(export["exportId"]))

    ok(person.http.post(f"/api/v1/versions/{before['id']}/restore"))
    assert ok(person.http.get(f"{path}/content")) == content
    assert first_item(person, path, "work")["id"] == item["id"]


def test_what_is_hidden_is_on_no_page_and_in_no_file(stack: Stack) -> None:
    person = Person(stack)
    path = imported(person)
    item = first_item(person, path, "education")
    ok(person.http.patch(f"{path}/items/{item['id']}", json={"visible": False}))
    share = ok(person.http.post(f"{path}/shares", json={}))
    with stack.client() as visitor:
        assert "Mathematics" not in visitor.get(f"/r/{share['slug']}").text
    export = person.export(path.rsplit("/", 1)[1])
    person.finished(export["jobId"])
    assert "Mathematics" not in text_of(person.download(export["exportId"]))
    assert ok(person.http.get(f"{path}/content"))["education"][0]["area"] == "Mathematics"


def test_the_picture_and_the_file_of_a_link_are_made_when_they_are_asked_for(stack: Stack) -> None:
    person = Person(stack)
    share = ok(person.http.post(f"{imported(person)}/shares", json={"allowDownload": True}))
    with stack.client() as visitor:
        page = f"/r/{share['slug']}"

        def pdf() -> httpx.Response | None:
            answer = visitor.get(f"{page}/resume.pdf", follow_redirects=True)
            return answer if answer.content.startswith(b"%PDF-") else None

        assert "Analytical Engine" in text_of(eventually(pdf).content)
        neutral = visitor.get(f"{page}/og.png").content

        def picture() -> bytes | None:
            content = visitor.get(f"{page}/og.png").content
            return content if content != neutral or len(content) > 20_000 else None

        assert eventually(picture).startswith(b"\x89PNG")


def test_a_file_of_several_megabytes_is_imported(stack: Stack) -> None:
    """The gateway lets larger bodies through where files are imported, and nowhere else."""
    person = Person(stack)
    noise = random.Random(7).randbytes(3 << 20)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Profile.csv", "First Name,Last Name,Headline\nAda,Lovelace,Analyst\n")
        archive.writestr("Rich_Media/photo.jpg", noise)
    form = {"format": "linkedin-zip"}
    answer = person.http.post(
        "/api/v1/imports", data=form, files={"file": ("export.zip", file.getvalue(), "application/zip")}
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["resume"]["title"] == "Ada Lovelace"
    too_large = {"file": ("export.zip", bytes(6 << 20), "application/zip")}
    assert person.http.post("/api/v1/imports", data=form, files=too_large).status_code == 413
    assert person.http.post("/api/v1/resumes", content=file.getvalue()).status_code == 413
