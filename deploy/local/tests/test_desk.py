"""The mail sink keeps every mail, and the pages show it without trusting it."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from deploy.local.desk import mails
from deploy.local.desk.pages import Pages
from deploy.local.desk.sink import Sink
from deploy.local.tests.stack import free_port


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[smtplib.SMTP]:
    port = free_port()
    sink = Controller(Sink(tmp_path), hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    sink.start()
    with smtplib.SMTP("127.0.0.1", port) as client:
        yield client
    sink.stop()


def mail(subject: str = "Confirm your address", html: str = "<p>Hello <b>Ada</b></p>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "no-reply@localhost", "ada@example.org", subject
    message.set_content("Open http://localhost:8080/auth/verify?token=a.b.\n")
    message.add_alternative(html, subtype="html")
    return message


def shown(folder: Path, path: str) -> str:
    return Pages(folder, {}).answer(path).body.decode()


def test_mails_become_whole_files_in_the_order_of_their_arrival(smtp: smtplib.SMTP, tmp_path: Path) -> None:
    for number in range(3):
        smtp.send_message(mail(f"Number {number}"), to_addrs=["blind@example.org"])
    assert [kept.subject for kept in mails.newest(tmp_path)] == ["Number 2", "Number 1", "Number 0"]
    assert sorted(tmp_path.iterdir()) == sorted(tmp_path.glob("2*.eml"))
    assert "X-Envelope-To: blind@example.org" in next(tmp_path.glob("*.eml")).read_text()


def test_the_list_links_to_a_mail_whose_links_work(smtp: smtplib.SMTP, tmp_path: Path) -> None:
    smtp.send_message(mail("Grüße 🎉"))
    (name,) = (path.stem for path in tmp_path.glob("*.eml"))
    assert f'href="/mail/{name}/"' in shown(tmp_path, "/mail/")
    page = shown(tmp_path, f"/mail/{name}/")
    assert "Grüße 🎉" in page
    assert '<a href="http://localhost:8080/auth/verify?token=a.b" rel="noreferrer">' in page
    raw = Pages(tmp_path, {}).answer(f"/mail/{name}/raw")
    assert raw.kind == "message/rfc822"
    assert raw.body == (tmp_path / f"{name}.eml").read_bytes()


def test_what_a_mail_says_is_never_markup_of_the_page(smtp: smtplib.SMTP, tmp_path: Path) -> None:
    smtp.send_message(mail("<script>alert(1)</script>", html="<script>alert(2)</script>"))
    (name,) = (path.stem for path in tmp_path.glob("*.eml"))
    for path in ("/mail/", f"/mail/{name}/"):
        assert "<script" not in shown(tmp_path, path)
    part = Pages(tmp_path, {}).answer(f"/mail/{name}/html")
    policy = part.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


def test_a_mail_that_no_program_wrote_is_shown_all_the_same(smtp: smtplib.SMTP, tmp_path: Path) -> None:
    broken = b"Subject: =?nonsense?q?=ff?=\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe\r\n"
    smtp.sendmail("x@localhost", ["ada@example.org"], broken)
    (name,) = (path.stem for path in tmp_path.glob("*.eml"))
    assert name in shown(tmp_path, "/mail/")
    assert "ada@example.org" in shown(tmp_path, f"/mail/{name}/")


@pytest.mark.parametrize("name", ["../env", "..%2Fenv", "nothing", "20260101T000000.000000Z-0001"])
def test_nothing_but_a_mail_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "env").write_text("secret")
    page = Pages(tmp_path, {}).answer(f"/mail/{name}/raw")
    assert page.status == 404
    assert b"secret" not in page.body


def test_the_start_page_tells_how_every_service_is_and_where_its_docs_are(tmp_path: Path) -> None:
    environ = {"RESUMAX_SSO_URL": f"http://127.0.0.1:{free_port()}"}
    page = shown(tmp_path, "/")
    assert page == shown(tmp_path, "/")
    assert Pages(tmp_path, environ).answer("/").status == 200
    assert page.count("Not answering") == 8
    for path in (
        "/auth/docs",
        "/api/v1/docs",
        "/account/v1/docs",
        "/admin/v1/docs",
        "/render/v1/docs",
        "/mail/",
    ):
        assert f'href="{path}"' in page
    assert "<script" not in page
