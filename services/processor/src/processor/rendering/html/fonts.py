"""The bundled fonts as the browser finds them: as those of its system, and no others.

Fonts at addresses of their own (`@font-face`) would be checked anew for each document: 1.6 s for a Chinese one, against 30 ms.
"""

from pathlib import Path
from xml.sax.saxutils import escape

from processor.rendering.fonts import font_folders

# Icons stand on code points that are letters elsewhere. Of Noto Sans there are two sets of files, of which one would be
# taken by chance.
_REFUSED = ("*/Font?Awesome*", "*/NotoSans?wght?.ttf", "*/NotoSans-Italic?wght?.ttf")


def write_configuration(folder: Path) -> Path:
    """A configuration of fontconfig that knows the bundled fonts alone, and keeps what it learns of them in `folder`."""
    found = "".join(f"<dir>{escape(str(path))}</dir>" for path in font_folders())
    refused = "".join(f"<glob>{escape(pattern)}</glob>" for pattern in _REFUSED)
    file = folder / "fonts.conf"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig>{found}<cachedir>{escape(str(folder / 'fonts'))}</cachedir>"
        f"<selectfont><rejectfont>{refused}</rejectfont></selectfont></fontconfig>"
    )
    return file
