"""What people see of the apps that they have let in."""

from datetime import datetime

from common.schemas import Schema
from sso.clients.models import OAuthClient
from sso.consents.models import Consent


class ConsentRead(Schema):
    """An app, and the scopes that it was granted: first at `createdAt`, last at `updatedAt`."""

    client_id: str
    name: str
    home_uri: str | None
    scopes: list[str]
    created_at: datetime
    updated_at: datetime


def described(consent: Consent, client: OAuthClient) -> ConsentRead:
    return ConsentRead(
        client_id=client.id,
        name=client.name,
        home_uri=client.home_uri,
        scopes=consent.scopes,
        created_at=consent.created_at,
        updated_at=consent.updated_at,
    )
