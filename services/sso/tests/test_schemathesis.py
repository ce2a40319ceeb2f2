"""Every operation answers as its description says, whatever it is sent."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from common.testing import contract_tests

END_SESSIONS = ["/auth/logout", "/auth/logout-all", "/auth/sessions/{session_id}"]
SELECTIONS = {
    "people": ["--exclude-path-regex=^/internal", *(f"--exclude-path={path}" for path in END_SESSIONS)],
    "people who leave": [f"--include-path={path}" for path in END_SESSIONS],
    "services": ["--include-path-regex=^/internal"],
}


@pytest.mark.parametrize("who", SELECTIONS)
async def test_every_operation_answers_as_its_description_says(
    client: httpx.AsyncClient, account: Any, service_headers: Any, tmp_path: Path, who: str
) -> None:
    address = str(client.base_url).rstrip("/")
    headers = await service_headers() if who == "services" else account.headers
    code, said = await contract_tests.run(address, "/auth/openapi.json", tmp_path, headers, *SELECTIONS[who])
    assert code == 0, said
    assert "generated" in said
