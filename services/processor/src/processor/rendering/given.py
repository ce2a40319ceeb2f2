"""How a template gets what it prints: from files below the engine's root, where its source says `sys.inputs`.

Inputs are part of the engine's library, so new ones make Typst lay everything out anew. A file that changes costs what depends
on it: an edit of one bullet on two pages takes a third of the time. The copies that the engine reads are changed for that, and
say the same; the sources of templates, some of them published, stay as they are.
"""

import os
import re
import shutil
import weakref
from pathlib import Path

FOLDER = "given"
_DEFAULTS = {"outline": "{}", "traits": "{}", "options": "{}", "scale": "1"}
_ASKED = re.compile(r'\bsys\.inputs\.(outline|traits|options)\b|\bsys\.inputs\.at\("(scale)", default: "1"\)')
_ASKED_OTHERWISE = re.compile(r"\bsys\b")


def copy_template(folder: Path, to: Path) -> bool:
    """Copy a folder of sources. False if some ask for their inputs in ways that are not changed, and so have to get them."""
    shutil.copytree(folder, to)
    sources = [_redirect(path) for path in to.rglob("*.typ") if path.is_file()]
    return not any(_ASKED_OTHERWISE.search(source) for source in sources)


def _redirect(path: Path) -> str:
    source = _ASKED.sub(lambda found: f'read("/{FOLDER}/{found[1] or found[2]}")', path.read_text("utf-8"))
    path.write_text(source, "utf-8")
    return source


class Given:
    """The files that hold what the document at hand is made of, below `root`.

    They stay open, and are never empty: opening a file, and emptying it, takes some file systems longer than all else.
    """

    def __init__(self, root: Path) -> None:
        folder = root / FOLDER
        folder.mkdir()
        self._files = {name: os.open(folder / name, os.O_CREAT | os.O_WRONLY, 0o600) for name in _DEFAULTS}
        for file in self._files.values():
            weakref.finalize(self, os.close, file)
        self._now: dict[str, str] = {}

    def give(self, inputs: dict[str, str]) -> None:
        """Write what is not there yet."""
        for name, text in (_DEFAULTS | inputs).items():
            if self._now.get(name) != text:
                self._now.pop(name, None)  # what is there after half of a write is not known
                _write(self._files[name], text.encode())
                self._now[name] = text

    def take_away(self) -> None:
        """Leave nothing of a document lying about."""
        self.give(_DEFAULTS)


def _write(file: int, data: bytes) -> None:
    """Have `data` in a file instead of what is there."""
    written = 0
    while written < len(data):  # the kernel may take less than it is given
        written += os.pwrite(file, data[written:], written)
    os.ftruncate(file, len(data))
