"""One address says only so much through links, whoever it says it is."""

from typing import Any

import msgspec

from api.app import create_app
from api.comments.visitor_routes import WRITES
from api.settings import Settings
from common.ids import new_id
from common.testing.issuer import Issuer
from common.testing.served import served


async def test_one_address_comments_only_so_often(link: Any, settings: Settings, issuer: Issuer) -> None:
    # A route's count is kept by its method and template: another limit here counts by itself.
    limited = msgspec.structs.replace(settings, rate_limits={})
    form = {"about": "resume", "name": "E", "text": "Spam."}
    headers = {"Origin": issuer.url, "Sec-Fetch-Site": "same-origin"}
    async with served(create_app(limited)) as client:
        statuses = [
            (await client.post(link.path, json={"text": "Spam.", "name": f"N{new_id().hex}"})).status_code
            for _ in range(WRITES.count + 2)
        ]
        assert statuses == [201] * WRITES.count + [429] * 2
        page = f"/r/{link.share['slug']}/comments"
        sent = [
            (await client.post(page, data=form, headers=headers)).status_code for _ in range(WRITES.count + 1)
        ]
        assert sent == [303] * WRITES.count + [429]
        refused = await client.post(page, data=form, headers=headers)
        assert refused.headers["retry-after"]
        assert "text/html" in refused.headers["content-type"]
        account = await client.post(link.path, json={"text": "x", "name": "A"}, headers=issuer.headers("api"))
        assert account.status_code == 201, "who has an account is counted by that"
