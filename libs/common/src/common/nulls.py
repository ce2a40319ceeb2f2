"""Null characters in addresses. PostgreSQL keeps none in a text and fails on each that it is asked for, SQLite takes them:
so they are refused before anything looks at them."""

from urllib.parse import parse_qsl

from litestar.types import ASGIApp, Receive, Scope, Send

from common.problems import FieldError, NotFound, ValidationFailed


def without_nulls(app: ASGIApp) -> ASGIApp:
    """Middleware: nothing is at a path with a null character, and no parameter may have one.

    Raises NotFound and ValidationFailed.
    """

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        if "\0" in scope["path"]:
            raise NotFound
        if b"%00" in scope["query_string"]:
            raise _refused(scope["query_string"])
        await app(scope, receive, send)

    return check


def _refused(query: bytes) -> ValidationFailed:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    names = {name.replace("\0", "") for name, value in pairs if "\0" in name + value}
    return ValidationFailed(errors=[FieldError(f"$.{name}", "A null character.") for name in sorted(names)])
