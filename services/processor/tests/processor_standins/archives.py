"""A template as an archive."""

import io
import zipfile

MANIFEST = """
id = "mine"
version = 1
engine = "typst"
kit = 2
name = "Mine"
description = "Of my own"
pages = ["a4"]
sections = ["*"]
preview = "../../../../etc/passwd"

[files]
resume = "resume.typ"

[options]
page = {}
accent = { default = "#123456" }
"""


def zipped(files: dict[str, str | bytes]) -> bytes:
    """The same bytes for the same files, whatever the time is."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
