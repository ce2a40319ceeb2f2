"""`/auth/consents`: the apps that one has let in."""

from litestar import Router, delete, get
from litestar.params import FromPath

from common.auth import authenticated
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import limited
from common.schemas import Page
from sso.consents import queries, service
from sso.consents.schemas import ConsentRead, described
from sso.dependencies import CurrentCaller


@get("/", summary="List the apps that may use your account")
async def list_consents(read_db: ReadDb, user: CurrentUser) -> Page[ConsentRead]:
    found = await queries.listed(read_db, user.id)
    return Page(items=[described(consent, client) for consent, client in found])


@delete("/{client_id:str}", summary="Let an app use your account no more")
async def withdraw_consent(
    db: Db, user: CurrentUser, caller: CurrentCaller, client_id: FromPath[str]
) -> None:
    await service.withdraw(db, user.id, client_id, caller=caller)


router = Router(
    "/auth/consents",
    middleware=[authenticated, limited],
    route_handlers=[list_consents, withdraw_consent],
    tags=["Account"],
    security=[{"bearer": []}],
)
