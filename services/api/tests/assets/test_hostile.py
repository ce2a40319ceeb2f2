"""What is not what it says, or means harm, is refused and deleted (SECURITY 24)."""

import zipfile
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest
from pictures import encoded, gif_that_grows, opened, png_of, quarters
from PIL import Image
from uploads import announcement, download, empties, send

from api.assets.types import DOCX, ODT
from common.blobs import Blobs

PNG = encoded(quarters(), "PNG")
JPEG = encoded(quarters(), "JPEG")
NOISE = encoded(Image.effect_noise((200, 200), 80), "JPEG")
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def archive(**entries: Any) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return out.getvalue()


WORD = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}
WRITER = {"mimetype": ODT, "content.xml": "<office:document-content/>"}


def image(content_type: str = "image/png", filename: str = "a.png") -> dict[str, Any]:
    return {"kind": "image", "contentType": content_type, "filename": filename}


def document(content_type: str, filename: str) -> dict[str, Any]:
    return {"kind": "document", "contentType": content_type, "filename": filename}


WORD_FILE, PDF_FILE, TEXT_FILE = (
    document(DOCX, "a.docx"),
    document("application/pdf", "a.pdf"),
    document("text/plain", "a.txt"),
)

HOSTILE = {
    "a JPEG that says it is a PNG": (JPEG, image(), "NOT_WHAT_IT_SAYS"),
    "a PNG that says it is a JPEG": (PNG, image("image/jpeg", "a.jpg"), "NOT_WHAT_IT_SAYS"),
    "an SVG": (SVG, image(), "NOT_WHAT_IT_SAYS"),
    "a page": (b"<html><script>alert(1)</script>", image(), "NOT_WHAT_IT_SAYS"),
    "a PDF": (PDF, image(), "NOT_WHAT_IT_SAYS"),
    "a BMP": (encoded(quarters(), "BMP"), image(), "NOT_WHAT_IT_SAYS"),
    "a TIFF": (encoded(quarters(), "TIFF"), image(), "NOT_WHAT_IT_SAYS"),
    "one byte": (b"\x89", image(), "NOT_WHAT_IT_SAYS"),
    "a PNG that unpacks to 900 MB": (png_of(30_000, 30_000, body=bytes(1 << 20)), image(), "IMAGE_TOO_LARGE"),
    "a PNG of 4 billion by 4 billion": (png_of(2**31 - 1, 2**31 - 1), image(), "IMAGE_TOO_LARGE"),
    "just over the cap": (png_of(50_000, 1_001), image(), "IMAGE_TOO_LARGE"),
    "a GIF that grows": (gif_that_grows(), image("image/gif", "a.gif"), "IMAGE_TOO_LARGE"),
    "a PNG without pixels": (png_of(10, 10), image(), "FILE_BROKEN"),
    "a PNG that is cut off": (PNG[: len(PNG) * 2 // 3], image(), "FILE_BROKEN"),
    "a JPEG that is cut off": (NOISE[: len(NOISE) * 2 // 3], image("image/jpeg", "a.jpg"), "FILE_BROKEN"),
    "an empty PNG": (png_of(0, 0), image(), None),
    "a program": (b"MZ" + bytes(100), PDF_FILE, "NOT_WHAT_IT_SAYS"),
    "a page that says it is a PDF": (b"<html>%PDF-1.7 %%EOF", PDF_FILE, "NOT_WHAT_IT_SAYS"),
    "a PDF that is cut off": (PDF[:-8], PDF_FILE, "FILE_BROKEN"),
    "bytes that say they are text": (b"a\x00b", TEXT_FILE, "NOT_WHAT_IT_SAYS"),
    "text that is not UTF-8": ("é".encode("latin-1"), TEXT_FILE, "NOT_WHAT_IT_SAYS"),
    "any archive": (archive(a="b"), WORD_FILE, "NOT_WHAT_IT_SAYS"),
    "no archive": (PDF, WORD_FILE, "NOT_WHAT_IT_SAYS"),
    "an archive that is cut off": (archive(**WORD)[:-30], WORD_FILE, "FILE_BROKEN"),
    "a path out of it": (archive(**WORD, **{"../../x": "y"}), WORD_FILE, "FILE_UNSAFE"),
    "an absolute path": (archive(**WORD, **{"/etc/x": "y"}), WORD_FILE, "FILE_UNSAFE"),
    "macros": (archive(**WORD, **{"word/vbaProject.bin": "y"}), WORD_FILE, "FILE_UNSAFE"),
    "an archive that unpacks to 100 MB": (archive(**WORD, bomb=bytes(100 << 20)), WORD_FILE, "FILE_UNSAFE"),
    "too many entries": (archive(**WORD, **{f"e{n}": "" for n in range(2001)}), WORD_FILE, "FILE_UNSAFE"),
    "a Writer file that says it is Word's": (archive(**WRITER), WORD_FILE, "NOT_WHAT_IT_SAYS"),
    "Word's that says it is a Writer file": (archive(**WORD), document(ODT, "a.odt"), "NOT_WHAT_IT_SAYS"),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_what_is_not_what_it_says_is_refused_for_good(
    stored: httpx.AsyncClient, owner: dict[str, str], upload: Any, what: str
) -> None:
    data, announced, code = HOSTILE[what]
    path = await upload(data, **announced)
    for _ in range(2):
        answer = await stored.post(f"{path}/complete", headers=owner)
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == code or code is None


async def test_what_is_refused_is_deleted_and_takes_no_room(
    stored: httpx.AsyncClient, owner: dict[str, str], owner_id: UUID, upload: Any, blobs: Blobs
) -> None:
    for data, announced in ((SVG, image()), (PDF[:-8], PDF_FILE)):
        path = await upload(data, **announced)
        answer = await stored.post(f"{path}/complete", headers=owner)
        read = (await stored.get(path, headers=owner)).json()
        assert (read["status"], read["variants"], read["error"]) == ("refused", [], answer.json()["code"])
    usage = (await stored.get("/api/v1/assets/usage", headers=owner)).json()
    assert (usage["bytes"], usage["count"]) == (0, 0)
    await empties(blobs, owner_id)


async def test_a_picture_that_is_a_page_too_comes_out_as_a_picture_alone(take: Any) -> None:
    page = b"<html><script>alert(document.domain)</script></html>"
    jpeg = JPEG[:2] + b"\xff\xfe" + (len(page) + 2).to_bytes(2, "big") + page + JPEG[2:] + archive(**WORD)
    answer = await take(jpeg, **image("image/jpeg", "a.jpg"))
    assert answer.status_code == 200, answer.text
    for variant in answer.json()["variants"]:
        got = await download(variant["url"])
        assert b"script" not in got.content
        assert b"PK\x03\x04" not in got.content
        assert opened(got.content).size == (40, 20)


@pytest.mark.parametrize(
    ("data", "announced"),
    [
        (PDF, PDF_FILE),
        (archive(**WORD), WORD_FILE),
        (archive(**WRITER), document(ODT, "Lebenslauf Zoë.ODT")),
        ("Zoë\n\t<html>".encode(), TEXT_FILE),
    ],
)
async def test_a_document_is_kept_as_it_is_and_served_as_an_attachment_alone(
    take: Any, data: bytes, announced: dict[str, Any]
) -> None:
    answer = await take(data, **announced)
    assert answer.status_code == 200, answer.text
    [variant] = answer.json()["variants"]
    got = await download(variant["url"])
    assert got.content == data
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["content-type"].startswith(announced["contentType"])
    assert (variant["name"], variant["width"], answer.json()["thumbnailUrl"]) == ("original", None, None)


@pytest.mark.parametrize(
    ("change", "status", "code", "path"),
    [
        ({"contentType": "image/svg+xml", "filename": "a.svg"}, 422, "TYPE_NOT_ALLOWED", "$.contentType"),
        ({"contentType": "text/html", "kind": "document"}, 422, "TYPE_NOT_ALLOWED", "$.contentType"),
        ({"contentType": "application/pdf"}, 422, "TYPE_NOT_ALLOWED", "$.contentType"),
        ({"filename": "a.exe"}, 422, "TYPE_NOT_ALLOWED", "$.filename"),
        ({"filename": "a.png.jpg"}, 422, "TYPE_NOT_ALLOWED", "$.filename"),
        ({"size": 2_000_001}, 422, "FILE_TOO_LARGE", "$.size"),
        ({"size": 0}, 400, "VALIDATION_FAILED", "$.size"),
        ({"filename": "../a.png"}, 400, "VALIDATION_FAILED", "$.filename"),
        ({"filename": "a\n.png"}, 400, "VALIDATION_FAILED", "$.filename"),
        ({"kind": "program"}, 400, "VALIDATION_FAILED", "$.kind"),
    ],
)
async def test_what_is_not_taken_is_refused_before_it_is_sent(
    stored: httpx.AsyncClient,
    owner: dict[str, str],
    change: dict[str, Any],
    status: int,
    code: str,
    path: str,
) -> None:
    answer = await stored.post("/api/v1/assets/presign", json=announcement(PNG, **change), headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["errors"][0]["path"] == path
    assert (await stored.get("/api/v1/assets", headers=owner)).json()["items"] == []


async def test_the_storage_takes_no_other_size_or_type_than_was_announced(
    stored: httpx.AsyncClient, owner: dict[str, str], blobs: Blobs
) -> None:
    made = (await stored.post("/api/v1/assets/presign", json=announcement(PNG), headers=owner)).json()
    assert await send(made["upload"], PNG + b"x") == 403
    html = made["upload"] | {"headers": {"Content-Type": "text/html"}}
    assert await send(html, PNG) == 403
    answer = await stored.post(f"/api/v1/assets/{made['id']}/complete", headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_UPLOADED")


def test_the_largest_picture_that_is_taken_can_be_made() -> None:
    from api.assets.images import render

    largest = encoded(Image.new("L", (10_000, 5_000), 128), "PNG")
    assert render(largest, "image/png", None)[0].width == 1600
