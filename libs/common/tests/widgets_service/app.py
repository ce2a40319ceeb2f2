import asyncio
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter
from msgspec import Meta
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from common.auth import authenticated, authenticated_for, internal
from common.db import Base
from common.dependencies import CurrentUser, Db, ReadDb
from common.edge import Edge
from common.idempotency import once
from common.ids import new_id
from common.limits import Limit, limited
from common.outbox import emit
from common.problems import NotFound
from common.schemas import Command, JSONBody, Schema, read
from common.service import Service
from common.settings import ServiceSettings
from common.streams import EVENTS


class Widget(Base):
    __tablename__ = "widgets"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(100))


class WidgetCreate(Command):
    name: Annotated[str, Meta(min_length=1, max_length=100)]


class WidgetRead(Schema):
    id: UUID
    name: str


class WidgetCreated(Schema):
    id: UUID


async def make(db: AsyncSession, *, owner_id: UUID, name: str) -> Widget:
    widget = Widget(id=new_id(), owner_id=owner_id, name=name)
    db.add(widget)
    await db.flush()
    emit(db, "events.widgets.widget.created.v1", WidgetCreated(id=widget.id))
    if name == "crash":
        raise RuntimeError("secret internals")
    if name == "slow":
        await asyncio.sleep(0.3)
    return widget


@post("/")
async def create_widget(
    request: Request[Any, Any, Any], db: Db, user: CurrentUser, data: JSONBody[WidgetCreate]
) -> Response[bytes]:
    async def create() -> WidgetRead:
        return read(WidgetRead, await make(db, owner_id=user.id, name=data.name))

    return await once(db, request, create, status=201)


@post("/{widget_id:uuid}/parts")
async def create_part(
    request: Request[Any, Any, Any], db: Db, user: CurrentUser, widget_id: FromPath[UUID]
) -> Response[bytes]:
    async def create() -> WidgetRead:
        return read(WidgetRead, await make(db, owner_id=user.id, name=f"part of {widget_id}"))

    return await once(db, request, create, status=201)


@get("/{widget_id:uuid}")
async def get_widget(read_db: ReadDb, user: CurrentUser, widget_id: FromPath[UUID]) -> WidgetRead:
    widget = await read_db.scalar(select(Widget).where(Widget.id == widget_id, Widget.owner_id == user.id))
    if widget is None:
        raise NotFound
    return read(WidgetRead, widget)


@get("/write-through-a-reader")
async def write_through_a_reader(read_db: ReadDb, user: CurrentUser) -> None:
    read_db.add(Widget(owner_id=user.id, name="x"))
    await read_db.flush()


class Order(Command):
    how_many: int


def _since(since: Annotated[date | None, QueryParameter(name="from")] = None) -> date | None:
    return since


@post("/orders", dependencies={"begin": Provide(_since, sync_to_thread=False)}, sync_to_thread=False)
def create_order(
    data: JSONBody[Order],
    begin: NamedDependency[date | None],
    howMany: Annotated[int, QueryParameter(name="at-most", ge=1)] = 1,  # noqa: N803 (a member of the body is called so)
    paid_by: Annotated[str, HeaderParameter(name="X-Paid-By", max_length=3)] = "",
    plain: FromQuery[int] = 0,
) -> str:
    return f"{data.how_many} {begin} {howMany} {paid_by} {plain}"


@get("/limited", opt={"limit": Limit(5, 3600)}, sync_to_thread=False)
def limited_route() -> str:
    return "ok"


@get("/slow")
async def slow() -> str:
    await asyncio.sleep(1.0)
    return "done"


@get("/internal/ping", middleware=[internal], sync_to_thread=False)
def ping() -> str:
    return "pong"


@route(
    "/widgets/v1/parts",
    http_method=["GET", "POST"],
    middleware=[authenticated_for("widgets"), limited],
    opt={"limit": Limit(20, 3600)},
    status_code=200,
    sync_to_thread=False,
)
def parts(user: CurrentUser) -> dict[str, str]:
    return {"user": user.subject, "client": user.client_id}


@get("/open", middleware=[limited], opt={"limit": Limit(3, 3600)}, sync_to_thread=False)
def anonymous() -> str:
    return "ok"


@get("/own-headers", sync_to_thread=False)
def own_headers() -> Response[str]:
    return Response(
        "ok", headers={"Content-Security-Policy": "default-src 'none'", "Cache-Control": "max-age=60"}
    )


def create_service(settings: ServiceSettings, **changes: Any) -> Service:
    return Service("widgets", settings, package_file=__file__, streams=[EVENTS], **changes)


def create_app(settings: ServiceSettings) -> Edge:
    widgets = Router(
        "/widgets/v1",
        middleware=[authenticated, limited],
        route_handlers=[
            create_widget,
            create_part,
            get_widget,
            write_through_a_reader,
            create_order,
            limited_route,
            slow,
        ],
    )
    return create_service(settings).app(
        prefix="/widgets/v1",
        description="Widgets, for tests.",
        routes=[widgets, ping, anonymous, own_headers, parts],
    )
