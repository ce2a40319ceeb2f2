"""The texts of templates, to hold catalogues against."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir


def texts_of(*folders: Path) -> tuple[set[str], set[tuple[str, ...]]]:
    """What the templates in `templates/` of `folders` say: texts, and (singular, plural) of those with a number."""
    texts, counted = set[str](), set[tuple[str, ...]]()
    for folder in folders:
        found = extract_from_dir(
            folder, method_map=[("templates/**", "jinja2.ext:babel_extract")], options_map={}
        )
        for _, _, message, _, _ in found:
            if isinstance(message, str):
                texts.add(message)
            else:
                counted.add(tuple(message))
    return texts, counted


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s", text))
