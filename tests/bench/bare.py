"""A Litestar app that does nothing but answer with the bytes of a file: what the others are measured against.

python -m tests.bench.bare PORT FILE
"""

import asyncio
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Response, get


def create_app(body: bytes) -> Litestar:
    @get("/bare")
    async def bare() -> Response[bytes]:
        return Response(body, media_type="application/json")

    return Litestar([bare], logging_config=None, openapi_config=None)


if __name__ == "__main__":
    app = create_app(Path(sys.argv[2]).read_bytes())
    server = Server(app, port=int(sys.argv[1]), interface=Interfaces.ASGI, log_enabled=False)
    asyncio.run(server.serve())
