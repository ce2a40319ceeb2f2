"""The pages: the start page, the list of mails, one mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.local.desk import health, mails
from deploy.local.install import ROOT

HERE = Path(__file__).parent
PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# A mail runs no script, sends no form and loads nothing from elsewhere; its links open in a tab of their own.
MAIL_POLICY = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@dataclass(frozen=True)
class Page:
    """What a request is answered with."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Security-Policy": PAGE_POLICY})


class Pages:
    """Answers paths. `folder` holds the mails, `environ` the services' addresses."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        # the platform's design, taken as a file: the desk imports nothing of the services
        design = ROOT / "libs/common/src/common/ui/ui.css"
        self._style = design.read_bytes() + (HERE / "static" / "desk.css").read_bytes()

    def answer(self, path: str) -> Page:
        match path.strip("/").split("/"):
            case [""]:
                return self._start()
            case ["healthz"]:
                return Page(b"ok", "text/plain")
            case ["desk", "desk.css"]:
                return Page(self._style, "text/css; charset=utf-8")
            case ["mail"]:
                return self._render("mails.html", mails=mails.newest(self._folder), folder=self._folder)
            case ["mail", name]:
                return self._of_mail(name, lambda mail: self._render("mail.html", mail=mail))
            case ["mail", name, "html"]:
                return self._of_mail(name, _html_part)
            case ["mail", name, "raw"]:
                return self._of_mail(name, self._raw)
        return self._render("missing.html", status=HTTPStatus.NOT_FOUND)

    def _start(self) -> Page:
        return self._render(
            "start.html",
            services=health.of_services(self._environ),
            stores=health.of_stores(self._environ),
            mail_count=sum(1 for _ in self._folder.glob("*.eml")),
        )

    def _of_mail(self, name: str, show: Callable[[mails.Mail], Page]) -> Page:
        mail = mails.find(self._folder, name)
        return show(mail) if mail else self._render("missing.html", status=HTTPStatus.NOT_FOUND)

    def _raw(self, mail: mails.Mail) -> Page:
        disposition = f'attachment; filename="{mail.name}.eml"'
        raw = mails.read(self._folder, mail.name) or b""
        return Page(raw, "message/rfc822", headers={"Content-Disposition": disposition})

    def _render(self, template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: object) -> Page:
        return Page(self._templates.get_template(template).render(values).encode(), status=status)


def _html_part(mail: mails.Mail) -> Page:
    body = '<!doctype html><meta charset="utf-8"><base target="_blank">' + (mail.html or "")
    return Page(body.encode(errors="replace"), headers={"Content-Security-Policy": MAIL_POLICY})
