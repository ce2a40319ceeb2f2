"""Why an import is refused."""

from typing import Any

from common.problems import FieldError, Problem


class UnsupportedFormat(Problem):
    status, code, title = 422, "UNSUPPORTED_FORMAT", "This format is not supported"


class Unreadable(Problem):
    """A place in the source that cannot be read, and what was expected there."""

    status, code, title = 422, "IMPORT_UNREADABLE", "The document cannot be read"

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}", errors=[FieldError(path, message)])


def kind_of(value: Any) -> str:
    """What a value is called in a message."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
