"""RELIABILITY 7: with the broker away writes are accepted, reads come from the database, and all catches up later."""

from typing import Any

import nats as nats_py

from common.testing.fixtures import eventually


async def test_writes_are_accepted_reads_fall_back_and_the_work_goes_out_later(
    lonely: Any, issuer_headers: dict[str, str]
) -> None:
    client, nats, _settings = lonely
    made = await client.post(
        "/api/v1/resumes", json={"title": "A", "content": {"work": [0]}}, headers=issuer_headers
    )
    path = f"{made.headers['location']}/content"
    caches = [(await client.get(path, headers=issuer_headers)).headers["x-cache"] for _ in range(2)]
    assert caches == ["MISS", "HIT"]

    nats.kill()
    for n in range(1, 4):
        assert (await client.put(path, json={"work": [n]}, headers=issuer_headers)).status_code == 200
        read = await client.get(path, headers=issuer_headers)
        assert read.json() == {"work": [n]}

    async def falls_back() -> bool:
        return bool((await client.get(path, headers=issuer_headers)).headers["x-cache"] == "MISS")

    await eventually(falls_back)
    body = {"resumeId": made.json()["id"], "format": "pdf"}
    export = await client.post("/api/v1/exports", json=body, headers=issuer_headers)
    assert export.status_code == 202
    unready = await client.get("/readyz")
    assert unready.status_code == 503
    assert "nats" in unready.json()["missing"]

    nats.start()
    connection = await nats_py.connect(nats.url)

    async def is_queued() -> bool:
        info = await connection.jetstream().stream_info("JOBS")
        return bool(info.state.messages == 1)

    await eventually(is_queued)
    await connection.close()

    async def hits() -> bool:
        read = await client.get(path, headers=issuer_headers)
        assert read.json() == {"work": [3]}
        return bool(read.headers["x-cache"] == "HIT")

    await eventually(hits)
