"""The JSON Resume as YAML, which says the same to readers of YAML 1.1 and 1.2.

A text that either of them takes for something else (`no`, `2020-01-01`, `1e3`, `0o14`, `~`) is quoted. There are no
anchors, tags or several documents.
"""

import re
from typing import Any

import yaml

# A text that is one in every version: it begins with a letter, and no colon or hash in it begins something else.
_NOT_SHOWN = r"\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
_PLAIN = re.compile(rf"[^\W\d_](?:(?:[^:#{_NOT_SHOWN}]|:(?=\S))*[^\s:#{_NOT_SHOWN}])?")
_RESERVED = re.compile(r"(?:true|false|yes|no|on|off|y|n|null|nan|inf)", re.IGNORECASE)
# Several lines that begin and end with words, and hold nothing that has to be escaped.
_LINE = rf"[^\W_](?:[^{_NOT_SHOWN}]*[^\s{_NOT_SHOWN}])?"
_LINES = re.compile(rf"{_LINE}(?:\n+{_LINE})+")
_WIDTH = 1 << 30
"""Texts stay on a line of their own, however long."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes plain values alone."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def write_yaml(content: dict[str, Any]) -> str:
    text: str = yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)
    return text


def _text(_dumper: Any, text: str) -> yaml.Node:
    if _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text):
        style = None
    else:
        style = "|" if _LINES.fullmatch(text) else '"'
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
