"""The formats that the processor can make: what is offered, described, counted and accepted."""

from typing import Literal

from common.file_formats import CARD, CARD_FORMAT, FORMATS, FileFormat
from common.limits import Limit

ExportFormat = Literal["pdf", "docx", "html", "md", "txt", "json", "yaml", "png"]
Standard = Literal["ua-1", "a-2"]
MADE: dict[str, FileFormat] = FORMATS | {CARD: CARD_FORMAT}
"""Those that the platform makes for itself included."""

DESCRIPTION = """\
Formats: `pdf`, `docx` (Word), `html` (one file), `md` (Markdown), `txt`, `json` (the JSON Resume), `yaml` (the same
document) and `png` (a ZIP archive of the pages as pictures).

Templates and their options are for all formats, and each takes of them what it can show: `pdf` and `png` everything;
`docx` and `html` colour, typeface, direction, dates, order and hidden sections (`html` the photo too), but not the
arrangement of the template, since both are one column by design, for machines and screen readers; `md` and `txt` dates, order and hidden sections;
`json` and `yaml` are the document itself, and take none.

`standard` is what a PDF follows: `ua-1` is PDF/UA-1 (accessible), `a-2` is PDF/A-2a (for archives) and PDF/UA-1. With
`runAt` the file is made then, of what the resume says now.\
"""


def limit_of(format: str) -> tuple[str, Limit]:
    """How many exports in a format a user may ask for, and the name that this is counted and set under."""
    return (format, Limit(30, 3600)) if format in ("pdf", "docx") else ("other", Limit(120, 3600))
