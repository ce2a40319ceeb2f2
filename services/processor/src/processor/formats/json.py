"""The JSON Resume itself, as its writer has it."""

from typing import Any

import msgspec


def write_json(content: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"
