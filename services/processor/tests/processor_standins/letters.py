"""Every mail that there is, and what a mail of each kind is filled with."""

import re
from html.parser import HTMLParser
from pathlib import Path

from processor.mails import letters

FOLDER = Path(letters.__file__).parent
TEMPLATES = sorted(path.parent.name for path in FOLDER.glob("templates/*/subject.txt"))
FACTORS = ["totp", "passkey", "recovery-codes"]
NEED_A_LINK = ["comments", "export-ready", "magic-link", "password-reset", "verify-email", "webhook-disabled"]
LINK = "https://resumax.test/verify?token=abc&x=1"
DATA = {
    "name": "Zoë",
    "link": LINK,
    "title": "A & B",
    "format": "docx",
    "device": "Firefox on Linux",
    "ip": "192.0.2.7",
    "at": "2025-03-04T15:06:07Z",
    "until": "2025-03-04T16:06:07Z",
    "reason": "Ticket 4711: an export fails",
    "provider": "Google",
    "factor": "totp",
}
# One mail of each kind; those about factors have words of their own for each.
MAILS = [
    (template, DATA | {"factor": factor})
    for template in TEMPLATES
    for factor in (FACTORS if template.startswith("factor-") else ["totp"])
]


def seen(text: str) -> str:
    """`text` as a reader sees it: without the marks of Unicode that only keep writing directions apart, or words together."""
    return re.sub("[\u2060\u2066-\u2069]", "", text)


class Paragraphs(HTMLParser):
    """The texts of an HTML part, one a block, without what only HTML has: the button, the hint below it, the brand."""

    BLOCKS = frozenset({"p", "h1", "th", "td"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._leaves_out = self._is_open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BLOCKS:
            self._leaves_out = dict(attrs).get("class") in {"action", "brand"}
            self._is_open = True
            self.found += [] if self._leaves_out else [""]
        elif tag == "a" and not self._leaves_out:  # the hint for whom the button does not work
            self.found.pop()
            self._leaves_out = True

    def handle_endtag(self, tag: str) -> None:
        self._is_open = self._is_open and tag not in self.BLOCKS

    def handle_data(self, data: str) -> None:
        if self._is_open and not self._leaves_out:
            self.found[-1] += data
