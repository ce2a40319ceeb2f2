"""A Litestar app with one trivial route in three forms: open, behind a token, behind a token's or a key's scope.

`python -m tests.bench.guarded PORT` prints the token and the key to show, as JSON.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, get
from litestar.datastructures import State

from common.api_keys import ApiKeys, new_key
from common.auth import authenticated, authenticated_for
from common.testing.issuer import KEY, Issuer
from common.tokens import KeyCache, TokenVerifier

ISSUER = Issuer("http://issuer.test")
ACCESS_TOKEN = ISSUER.token("bench")
API_KEY = new_key()


@get("/open")
async def open_route() -> str:
    return "ok"


@get("/authenticated", middleware=[authenticated])
async def authenticated_route() -> str:
    return "ok"


@get("/scoped", middleware=[authenticated_for("bench")])
async def scoped_route() -> str:
    return "ok"


async def keys() -> Mapping[str, Any]:
    return {"keys": [KEY.as_dict(private=False)]}


async def exchange(key: str) -> str:
    assert key == API_KEY
    return ISSUER.token("bench", scope="bench:read", client_id="api-key")


class NoLimits:
    off = True


def create_app() -> Litestar:
    verifier = TokenVerifier(
        issuer=ISSUER.url, audience="bench", keys=KeyCache(keys), is_revoked=lambda _token, _session: False
    )
    state = {"verifier": verifier, "api_keys": ApiKeys(exchange, verifier), "limiter": NoLimits()}
    routes = [open_route, authenticated_route, scoped_route]
    return Litestar(routes, state=State(state), logging_config=None, openapi_config=None)


if __name__ == "__main__":
    print(json.dumps({"token": ACCESS_TOKEN, "key": API_KEY}), flush=True)
    server = Server(create_app(), port=int(sys.argv[1]), interface=Interfaces.ASGINL, log_enabled=False)
    asyncio.run(server.serve())
