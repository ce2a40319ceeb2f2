"""Links as their owner makes, changes and ends them."""
from typing import Any

import httpx


async def test_a_link_shows_the_resume_to_anybody(client: httpx.AsyncClient, make_share: Any, opened: Any) -> None:
    share = await make_share()
    page = await opened(share)
    assert page.status_code == 200, page.text
    print(page.text)
    assert "Ada Lovelace" in page.text
