"""The endpoints that apps in browsers call from any origin (CORS): without cookies, by what the app itself holds. All
others are for the origins of the settings alone."""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

OPEN = frozenset(
    {
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
        "/oauth2/token",
        "/oauth2/userinfo",
        "/oauth2/revoke",
    }
)
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
_READABLE = (b"access-control-expose-headers", b"WWW-Authenticate, Retry-After, X-Request-Id")
_PREFLIGHT = (
    _ANY_ORIGIN,
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"Authorization, Content-Type"),
    (b"access-control-max-age", b"600"),
)


def open_to_any_origin(app: ASGIApp) -> ASGIApp:
    """`app`, whose own rules for other origins do not hold for OPEN."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"] not in OPEN:
            await app(scope, receive, send)
            return
        asked_for = {name for name, _ in scope["headers"]}
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in asked_for:
            await send({"type": "http.response.start", "status": 204, "headers": list(_PREFLIGHT)})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return

        async def send_opened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], _ANY_ORIGIN, _READABLE]
            await send(message)

        # Without its origin the app does not add what it would say to some origins and not to others.
        scope["headers"] = [header for header in scope["headers"] if header[0] != b"origin"]
        await app(scope, receive, send_opened)

    return serve
