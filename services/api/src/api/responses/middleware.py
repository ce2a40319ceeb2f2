"""`cached`: middleware for GETs whose answer is the same until something in their scope changes.

It stands innermost, behind authentication and limits. What was asked for is the path, the query and who asks; only a whole
200 of JSON is ever kept. Either way the answer has an `ETag` of its bytes and says whether it came from the cache.
"""

import hashlib
from datetime import datetime

from litestar.datastructures import ResponseHeader
from litestar.types import ASGIApp, Message, Middleware, Receive, Scope, Send

from api.contents.answers import JsonAnswer
from api.responses.cache import MOST_BYTES, Answer, Answers
from api.responses.scopes import CATALOGUE
from common.schemas import rfc3339

HEADERS = [
    ResponseHeader(name="ETag", description="Names these very bytes", documentation_only=True),
    ResponseHeader(name="X-Cache", description="HIT or MISS", documentation_only=True),
    ResponseHeader(name="X-Cache-Date", description="When it was cached", documentation_only=True),
]


def cached(app: ASGIApp) -> ASGIApp:
    """Keep answers until anything of the caller's changes."""
    return _around(app, of_catalogue=False)


def cached_catalogue(app: ASGIApp) -> ASGIApp:
    """Keep answers until the catalogue changes; each caller has their own, with the templates that are theirs alone."""
    return _around(app, of_catalogue=True)


def _around(app: ASGIApp, *, of_catalogue: bool) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        cache: Answers = scope["litestar_app"].state.answers
        who = scope["auth"].subject
        generation = await cache.generation(CATALOGUE if of_catalogue else who)
        key = _key(scope, who, generation, of_catalogue=of_catalogue)
        found = await cache.find(key, who)
        if found is not None:
            await _respond(found[0], scope, receive, send, cached_at=found[1])
            return
        capture = _Capture(send)
        await app(scope, receive, capture)
        if capture.body is not None:
            made = Answer(who, _etag(capture.body), capture.body)
            cache.keep(key, made)
            await _respond(made, scope, receive, send, headers=capture.headers)

    return answer


CACHED: list[Middleware] = [cached]
CACHED_CATALOGUE: list[Middleware] = [cached_catalogue]


class _Capture:
    """Takes a response in: `body` is that of one that can be kept; every other one goes out as it comes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._parts: list[bytes] = []
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: bytes | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            self._start, self.headers = message, list(message["headers"])
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._parts.append(message["body"])
            if sum(map(len, self._parts)) > MOST_BYTES:
                await self._give_up(more=message["more_body"])
            elif not message["more_body"]:
                self.body = b"".join(self._parts)

    async def _give_up(self, *, more: bool) -> None:
        """Send what was held back: it is too large to be kept."""
        assert self._start is not None  # noqa: S101 (it was told from the rest by it)
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": b"".join(self._parts), "more_body": more})
        self._start = None


def _is_json(start: Message) -> bool:
    headers = dict(start["headers"])  # type: ignore[typeddict-item]
    return start["status"] == 200 and headers.get(b"content-type", b"").startswith(b"application/json")  # type: ignore[typeddict-item]


async def _respond(
    answer: Answer,
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    headers: list[tuple[bytes, bytes]] | None = None,
    cached_at: datetime | None = None,
) -> None:
    said = headers or [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(answer.body)),
    ]
    fresh = [(b"x-cache", b"MISS")]
    if cached_at is not None:
        fresh = [(b"x-cache", b"HIT"), (b"x-cache-date", rfc3339(cached_at).encode())]
    fresh.append((b"etag", answer.etag.encode()))
    if _is_known(scope, answer.etag):
        await JsonAnswer(b"", fresh, status=304)(scope, receive, send)
    else:
        await JsonAnswer(answer.body, said + fresh)(scope, receive, send)


def _is_known(scope: Scope, etag: str) -> bool:
    """Whether the caller has this answer (RFC 9110 section 13.1.2, weak comparison)."""
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            tags = {tag.strip().removeprefix("W/") for tag in value.decode("latin-1").split(",")}
            return bool(tags & {"*", etag})
    return False


def _key(scope: Scope, who: str, generation: str, *, of_catalogue: bool) -> str:
    """`api.{route}.{user}.{hash}`; of a template `template.{id}.{hash}`."""
    asked = f"{generation} {who} {scope['path']}?".encode() + bytes(scope["query_string"])
    digest = hashlib.sha256(asked).hexdigest()[:32]
    if of_catalogue:
        return f"template.{scope['path_params'].get('template_id', 'all')}.{digest}"
    route = "".join(c if c.isalnum() else "_" for c in str(scope["path_template"]).removeprefix("/api/v1/"))
    return f"api.{route.strip('_')}.{who}.{digest}"


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
