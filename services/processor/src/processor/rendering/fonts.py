"""The fonts that documents are set in: those of packages, and none of the system's, so that all looks the same everywhere."""

from importlib.resources import files
from pathlib import Path

FAMILIES = (
    "EB Garamond",
    "Gentium Book Plus",
    "Lato",
    "Mukta",
    "Noto Sans",
    "Open Sans",
    "Open Sauce Sans",
    "Poppins",
    "Raleway",
    "Roboto",
    "Source Sans 3",
    "Ubuntu",
    "XCharter",
)
"""Folders of the package rendercv-fonts: what templates offer."""

PACKAGES = ("rendercv-fonts", "manimgx-fonts", "fontpkg-amiri")


def font_folders() -> list[Path]:
    """Where the fonts lie. Noto covers other scripts and emoji, Amiri covers Arabic: the letters of Noto's Arabic are made
    of several glyphs, and come out doubled when text is copied from a PDF."""
    bundled = Path(str(files("rendercv_fonts")))
    amiri = Path(str(files("fontpkg_amiri"))) / "files"
    return [*(bundled / family for family in FAMILIES), Path(str(files("manimgx_fonts"))), amiri]
