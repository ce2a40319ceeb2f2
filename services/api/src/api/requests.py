"""How bodies are read here: faithfully, and not deeper than the contract allows."""

from typing import Any

from litestar import Request

from api.contents import codec


class JsonRequest(Request[Any, Any, Any]):
    """A request whose JSON keeps numbers as they were written, whatever a double makes of them."""

    async def json(self) -> Any:
        return codec.decode(await self.body())
