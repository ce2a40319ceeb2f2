"""What the sources of an uploaded template must not lean on, though it works today: what is published never changes."""

import posixpath
import re
from pathlib import Path

from processor.rendering.given import FOLDER
from processor.uploads.archives import refused

# From a quote on, whether that begins a text or ends one: which it does is known only to who reads all of the source.
_PATH = re.compile(rf'"([\w ./-]*\b{FOLDER}\b[^"\n]*)')
_PLACE = "/templates/0"
"""Where the engine has the folder of a template, as far as paths that lead out of it go."""
_INPUTS = {
    "outline": "sys.inputs.outline",
    "traits": "sys.inputs.traits",
    "options": "sys.inputs.options",
    "scale": 'sys.inputs.at("scale", default: "1")',
}


def check_sources(folder: Path) -> None:
    """Blocks. Raises TemplateRefused for a file that reads what the engine keeps for itself, which may lie elsewhere in its
    next release."""
    for path in sorted(folder.rglob("*.typ")):
        inside = path.relative_to(folder)
        for found in _PATH.findall(path.read_text("utf-8")):
            parts = _from_root(inside, found).split("/")
            if parts[1] == FOLDER:
                raise refused(_instead(found, parts[-1]), f'$["{inside}"]')


def _from_root(source: Path, path: str) -> str:
    """A path in a source, from the root of what the engine reads."""
    whole = posixpath.join(_PLACE, source.parent.as_posix(), path)
    return "/" + posixpath.normpath(whole).lstrip("/")


def _instead(path: str, name: str) -> str:
    use = _INPUTS.get(name, " and ".join([_INPUTS["outline"], _INPUTS["options"]]))
    return f"{path} is the engine's own, and may be elsewhere tomorrow. Use {use} instead."
