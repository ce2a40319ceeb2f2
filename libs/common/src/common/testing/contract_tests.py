"""schemathesis against a running service: it sends to every operation what its description allows, and what it does
not, and checks that there is no crash, and no status, type or body that the description does not have."""

import asyncio
import sys
from pathlib import Path

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
AT_MOST = 240.0
"""Seconds, after which it hangs: on two idle cores the longest takes 30."""


async def run(
    address: str, document: str, folder: Path, headers: dict[str, str], *options: str
) -> tuple[int, str]:
    """The exit code of schemathesis on the OpenAPI `document` (a path) at `address`, and what it says."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{address}{document}",
        f"--url={address}",
        f"--checks={','.join(CHECKS)}",
        "--phases=examples,coverage,fuzzing",
        "--max-examples=3",
        "--generation-deterministic",
        "--suppress-health-check=all",
        "--warnings=off",
        "--no-color",
        *(f"--header={name}: {value}" for name, value in headers.items()),
        *options,
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
