import asyncio
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Litestar, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, QueryParameter

from common.contracts.profiles import ProfileRecord
from common.contracts.templates import CataloguePut, TemplatePut
from common.contracts.versions import FrozenVersion, StoredPhoto
from common.contracts.webhooks import DeliveryAttempt, DeliveryVerdict, SignedDelivery
from common.ids import new_id
from common.schemas import JSONBody
from common.testing.ports import free_port

CONTENT: dict[str, Any] = {
    "basics": {"name": "Zoë Ångström", "label": "Engineer", "email": "zoe@example.org"},
    "work": [{"name": "Analytical Engines", "position": "Programmer", "startDate": "2019-04"}],
    "skills": [{"name": "Python", "keywords": ["asyncio", "typing"]}],
}


def judge(attempts: list[DeliveryAttempt]) -> DeliveryVerdict:
    """2xx is taken; anything else is tried once more, soon."""
    if (attempts[-1].status or 0) // 100 == 2:
        return DeliveryVerdict(is_delivered=True)
    return DeliveryVerdict(is_delivered=False, retry_after=0.2 if len(attempts) < 2 else None)


class Api:
    """The internal routes of the api, and that of the account service. `asked` lists the versions that were fetched; while `gate` is closed nobody is
    answered."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.versions: dict[UUID, FrozenVersion] = {}
        self.asked: list[UUID] = []
        self.templates: dict[str, TemplatePut] = {}
        self._pictures: dict[tuple[str, int], list[str]] = {}
        self.retired: list[tuple[str, int]] = []
        self.photos: dict[tuple[UUID, UUID], StoredPhoto] = {}
        self.profiles: dict[UUID, ProfileRecord] = {}
        self.deliveries: dict[UUID, SignedDelivery] = {}
        self.attempts: dict[UUID, list[DeliveryAttempt]] = {}
        self.judge: Callable[[list[DeliveryAttempt]], DeliveryVerdict | None] = judge
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

        @get("/internal/profiles/{user_id:uuid}")
        async def profile(user_id: FromPath[UUID]) -> Response[bytes]:
            found = self.profiles.get(user_id)
            if found is None:
                return Response(b"{}", status_code=404)
            return Response(msgspec.json.encode(found), media_type="application/json")

        @get("/internal/webhook-deliveries/{delivery_id:uuid}")
        async def sign(delivery_id: FromPath[UUID]) -> Response[bytes]:
            return _answer(self.deliveries.get(delivery_id))

        @post("/internal/webhook-deliveries/{delivery_id:uuid}/attempts", status_code=200)
        async def note(delivery_id: FromPath[UUID], data: JSONBody[dict[str, Any]]) -> Response[bytes]:
            self.attempts.setdefault(delivery_id, []).append(msgspec.convert(data, DeliveryAttempt))
            return _answer(self.judge(self.attempts[delivery_id]))

        return Litestar(
            [version, *self._templates(), self._photo(), profile, sign, note], logging_config=None
        )

    def _publish(self, name: str, told: TemplatePut) -> None:
        """As the api does: who tells of no pictures, because they are not stored yet, takes away none."""
        known = self._pictures.setdefault((name, told.version), told.previews)
        self.templates[name] = msgspec.structs.replace(told, previews=told.previews or known)
        self._pictures[name, told.version] = self.templates[name].previews

    def _templates(self) -> list[Any]:
        @put("/internal/templates/{template_id:str}")
        async def template(template_id: FromPath[str], data: JSONBody[dict[str, Any]]) -> None:
            self._publish(template_id, msgspec.convert(data, TemplatePut))

        @put("/internal/templates")
        async def catalogue(data: JSONBody[dict[str, Any]]) -> None:
            for found in msgspec.convert(data, CataloguePut).templates:
                self._publish(found.id, found.template)

        @delete("/internal/templates/{template_id:str}")
        async def retire(template_id: FromPath[str], version: FromQuery[int]) -> None:
            self.retired.append((template_id, version))

        return [template, catalogue, retire]

    def _photo(self) -> Any:
        @get("/internal/assets/{asset_id:uuid}/photo")
        async def photo(
            asset_id: FromPath[UUID], owner: Annotated[UUID, QueryParameter(name="ownerId")]
        ) -> Response[bytes]:
            return _answer(self.photos.get((asset_id, owner)))

        return photo


def _answer(found: msgspec.Struct | None) -> Response[bytes]:
    if found is None:
        return Response(b"{}", status_code=404)
    return Response(msgspec.json.encode(found), media_type="application/json")
