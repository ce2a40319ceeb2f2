"""schemathesis sends to every operation what its description allows, and what it does not: no crash, no status, type or
body that the description does not have."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
END_SESSIONS = ["/auth/logout", "/auth/logout-all", "/auth/sessions/{session_id}"]
SELECTIONS = {
    "people": ["--exclude-path-regex=^/internal", *(f"--exclude-path={path}" for path in END_SESSIONS)],
    "people who leave": [f"--include-path={path}" for path in END_SESSIONS],
    "services": ["--include-path-regex=^/internal"],
}
AT_MOST = 180.0
"""Seconds, after which it hangs: on two idle cores the longest takes 20."""


async def run(address: str, folder: Path, headers: dict[str, str], *selection: str) -> tuple[int, str]:
    """The exit code of schemathesis, and what it says."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{address}/auth/openapi.json",
        f"--url={address}",
        f"--checks={','.join(CHECKS)}",
        "--phases=examples,coverage,fuzzing",
        "--max-examples=3",
        "--generation-deterministic",
        "--suppress-health-check=all",
        "--warnings=off",
        "--no-color",
        *(f"--header={name}: {value}" for name, value in headers.items()),
        *selection,
    ]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), AT_MOST)
    except TimeoutError:
        process.kill()
        output, _ = await process.communicate()
        raise AssertionError(f"not within {AT_MOST} s:\n{output.decode()}") from None
    return process.returncode or 0, output.decode()


@pytest.mark.parametrize("who", SELECTIONS)
async def test_every_operation_answers_as_its_description_says(
    client: httpx.AsyncClient, account: Any, service_headers: Any, tmp_path: Path, who: str
) -> None:
    address = str(client.base_url).rstrip("/")
    headers = await service_headers() if who == "services" else account.headers
    code, said = await run(address, tmp_path, headers, *SELECTIONS[who])
    assert code == 0, said
    assert "generated" in said
