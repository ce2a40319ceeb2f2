import asyncio
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar, Response, delete, get, put
from litestar.params import FromPath, FromQuery

from common.contracts.profiles import ProfileRecord
from common.contracts.templates import TemplatePut
from common.contracts.versions import FrozenVersion
from common.ids import new_id
from common.schemas import JSONBody
from common.testing.ports import free_port

CONTENT: dict[str, Any] = {
    "basics": {"name": "Zoë Ångström", "label": "Engineer", "email": "zoe@example.org"},
    "work": [{"name": "Analytical Engines", "position": "Programmer", "startDate": "2019-04"}],
    "skills": [{"name": "Python", "keywords": ["asyncio", "typing"]}],
}


class Api:
    """The internal routes of the api, and that of the account service. `asked` lists the versions that were fetched; while `gate` is closed nobody is
    answered."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.versions: dict[UUID, FrozenVersion] = {}
        self.asked: list[UUID] = []
        self.templates: dict[str, TemplatePut] = {}
        self.retired: list[tuple[str, int]] = []
        self.profiles: dict[UUID, ProfileRecord] = {}
        self.gate = asyncio.Event()
        self.gate.set()

    def version(self, title: str = "A resume", language: str = "en", **content: Any) -> FrozenVersion:
        """A version that exists from now on; its content is different every time."""
        version = FrozenVersion(
            id=new_id(),
            sha256=new_id().hex * 2,
            title=title,
            language=language,
            content={**CONTENT, "references": [{"name": new_id().hex}], **content},
        )
        self.versions[version.id] = version
        return version

    def person(self, locale: str = "en") -> tuple[UUID, str]:
        """Somebody who has a profile from now on: their id and address."""
        user_id = new_id()
        email = f"{user_id.hex}@example.org"
        self.profiles[user_id] = ProfileRecord(email=email, name="Zoë", locale=locale)
        return user_id, email

    def app(self) -> Litestar:
        @get("/internal/versions/{version_id:uuid}")
        async def version(version_id: FromPath[UUID]) -> Response[bytes]:
            self.asked.append(version_id)
            await self.gate.wait()
            found = self.versions.get(version_id)
            if found is None:
                return Response(b"{}", status_code=404)
            return Response(msgspec.json.encode(found), media_type="application/json")

        @put("/internal/templates/{template_id:str}")
        async def template(template_id: FromPath[str], data: JSONBody[dict[str, Any]]) -> None:
            self.templates[template_id] = msgspec.convert(data, TemplatePut)

        @delete("/internal/templates/{template_id:str}")
        async def retire(template_id: FromPath[str], version: FromQuery[int]) -> None:
            self.retired.append((template_id, version))

        @get("/internal/profiles/{user_id:uuid}")
        async def profile(user_id: FromPath[UUID]) -> Response[bytes]:
            found = self.profiles.get(user_id)
            if found is None:
                return Response(b"{}", status_code=404)
            return Response(msgspec.json.encode(found), media_type="application/json")

        return Litestar([version, template, retire, profile], logging_config=None)
