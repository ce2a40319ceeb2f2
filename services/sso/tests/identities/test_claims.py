from typing import Any

import pytest
from verifying import WAYS

from .browser import Browser
from .conftest import SignedIn
from .test_linking import link
from .upstream import Upstream, person


@pytest.mark.parametrize("enter", WAYS)
async def test_an_identity_of_whoever_registered_with_an_address_of_somebody_else_ends_with_its_owners_coming(
    signed_in: SignedIn,
    account: Any,
    upstream: Upstream,
    another_browser: Browser,
    client: Any,
    mails: Any,
    enter: Any,
) -> None:
    browser = await signed_in(account)
    upstream.person = person(email=f"stranger-{account.email}")
    assert (await link(browser)).status_code == 303
    assert len(await browser.identities()) == 1
    assert (await enter(client, mails, account.email)).is_success
    assert (await another_browser.sign_in()).status_code == 303
    assert (await another_browser.me())["id"] != account.id
