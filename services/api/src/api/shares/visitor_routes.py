"""What a link shows, for the programs of visitors: no account is needed."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, SkipValidation

from api.contents import codec
from api.shares import access, guesses, passes, showing
from api.shares.opening import Openings
from api.shares.passwords import PasswordHashing
from api.shares.schemas import AccessCreate, AccessToken, Permissions, SharedResume
from api.shares.showing import Shown
from common.contracts.versions import SectionStyle
from common.limits import limited
from common.schemas import JSONBody

ShareOpenings = NamedDependency[SkipValidation[Openings]]
Token = Annotated[
    str | None,
    HeaderParameter(
        name="X-Share-Token", description="From `POST …/access`, where the link asks for a password"
    ),
]


@post(
    "/access",
    status_code=200,
    summary="Show the password of a link, for a token",
    description="A wrong one is 403 `SHARE_PASSWORD_WRONG`. Few may be tried: 429 beyond that, right or wrong. "
    "A new password, the end of the link, or `expiresIn` end the token.",
)
async def create_access(
    request: Request[Any, Any, Any],
    state: State,
    passwords: PasswordHashing,
    slug: FromPath[str],
    data: JSONBody[AccessCreate],
) -> AccessToken:
    async with state.database.read() as db:
        share = (await access.find(db, slug)).share
    await guesses.check(request, passwords, share, data.password or "")
    good_for = passes.GOOD_FOR["visit"] // timedelta(seconds=1)
    return AccessToken(token=access.issue(share), expires_in=good_for)


@get(
    "/",
    summary="Read the resume that a link shows",
    description="Without what its owner hides. Counts as an opening. 403 `SHARE_PASSWORD_REQUIRED` asks for a token. Of a "
    "link with `maxViews` that takes comments, the answer's `X-Share-Token` is the token to read and write them with.",
    responses={200: ResponseSpec(SharedResume, description="What the link shows")},
)
async def get_shared(
    request: Request[Any, Any, Any],
    openings: ShareOpenings,
    slug: FromPath[str],
    token: Token = None,  # noqa: ARG001 (read by `access`; here for the description)
) -> Response[bytes]:
    shared, shown = await openings.read(request, slug)
    share = shared.share
    called = await asyncio.to_thread(showing.named, shown)
    content = codec.decode(shown.snapshot.visible())
    content.pop("meta", None)
    known = SharedResume(
        title=called.heading,
        language=shown.language,
        content={},
        sections=_styles(shown),
        permissions=Permissions(download=share.allow_download, comments=share.allow_comments),
        updated_at=shown.changed_at,
    )
    body = msgspec.to_builtins(known) | {"content": msgspec.Raw(codec.encode(content))}
    headers = {} if access.is_indexed(share) else {"X-Robots-Tag": "noindex"}
    if access.is_for_comments(share):
        headers["X-Share-Token"] = access.issue(share, "view")
    return Response(msgspec.json.encode(body), media_type="application/json", headers=headers)


def _styles(shown: Shown) -> list[SectionStyle]:
    names = SectionStyle.__struct_fields__
    visible = (section for section in shown.snapshot.sections if section.visible)
    return [SectionStyle(**{name: getattr(section, name) for name in names}) for section in visible]


router = Router(
    "/api/v1/shared/{slug:str}",
    middleware=[limited],
    route_handlers=[create_access, get_shared],
    tags=["Sharing"],
)
