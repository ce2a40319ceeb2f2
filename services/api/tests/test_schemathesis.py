"""Every operation answers as its description says, whatever it is sent."""

import json
from pathlib import Path

import httpx
import pytest
from things import make_all

from common.testing import contract_tests
from common.testing.issuer import Issuer

USERS = "--exclude-path-regex=(^/internal|/events$)"  # a stream of events has no end of its own
SELECTIONS = {
    "people": [USERS, "--exclude-method=DELETE"],
    "people who delete": [USERS, "--include-method=DELETE"],
    "admin": ["--include-path-regex=^/internal/resumes"],
    "processor": ["--include-path-regex=^/internal/(templates|versions)"],
}


@pytest.mark.parametrize("who", SELECTIONS)
async def test_every_operation_answers_as_its_description_says(
    client: httpx.AsyncClient, issuer: Issuer, owner: dict[str, str], tmp_path: Path, who: str
) -> None:
    """The ids in the paths are those of things that there are, or nothing but 404 would be seen."""
    address = str(client.base_url).rstrip("/")
    headers = owner if who.startswith("people") else issuer.service_headers("api", client_id=who)
    things = await make_all(client, owner)
    parameters = [f'"path.{name}" = {json.dumps(value)}\n' for name, value in things.items()]
    (tmp_path / "schemathesis.toml").write_text("[parameters]\n" + "".join(parameters))
    code, said = await contract_tests.run(
        address, "/api/v1/openapi.json", tmp_path, headers, *SELECTIONS[who]
    )
    assert code == 0, said
    assert "generated" in said
