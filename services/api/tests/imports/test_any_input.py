"""Whatever is sent is imported or refused with a reason; nothing breaks."""

import json
import re
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imports.conftest import PATH, document
from imports.exports import archive, basic

FORMATS = ("json-resume", "resumax", "reactive-resume", "rendercv", "linkedin-zip", "europass", None)
REFUSED = ("IMPORT_UNREADABLE", "UNSUPPORTED_FORMAT", "VALIDATION_FAILED", "ARCHIVE_INVALID")
SEEDS = {
    "reactive-resume": document("reactive-resume-v5.json"),
    "rendercv": document("rendercv.yaml"),
    "europass": document("europass-4.xml"),
    "linkedin-zip": basic(),
    "json-resume": json.dumps({"basics": {"name": "Ada"}}).encode(),
}
MEMBERS = re.findall(
    r"\S+",
    "basics sections metadata summary customSections picture items name title hidden visible columns layout pages main "
    "custom experience profiles cv education start_date authors label SkillsPassport LearnerInfo Identification "
    "WorkExperienceList WorkExperience Period From Candidate CandidateProfile EmploymentHistory EmployerHistory Others "
    "Profile.csv Skills.csv #text @year work url date resume content versions format",
)
names = st.sampled_from(MEMBERS) | st.text(max_size=5)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=30,
)
quick = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def assert_answered(client: httpx.AsyncClient, owner: dict[str, str], file: bytes, format: Any) -> None:
    fields = {} if format is None else {"format": format}
    answer = await client.post(PATH + "?dryRun=true", files={"file": ("x", file)}, data=fields, headers=owner)
    assert answer.status_code in (200, 400, 422), answer.text
    if answer.status_code != 200:
        assert answer.json()["code"] in REFUSED
        assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("format", FORMATS)
@given(file=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
@quick
async def test_any_bytes(client: httpx.AsyncClient, owner: dict[str, str], format: Any, file: bytes) -> None:
    await assert_answered(client, owner, file, format)


@pytest.mark.parametrize("format", FORMATS)
@given(value=values)
@quick
async def test_any_json(client: httpx.AsyncClient, owner: dict[str, str], format: Any, value: Any) -> None:
    await assert_answered(client, owner, json.dumps(value).encode(), format)
    answer = await client.post(PATH, json={"format": format, "document": value}, headers=owner)
    assert answer.status_code in (201, 400, 422), answer.text


@pytest.mark.parametrize("format", SEEDS)
@given(data=st.data())
@quick
async def test_documents_with_damage(
    client: httpx.AsyncClient, owner: dict[str, str], format: str, data: st.DataObject
) -> None:
    seed = SEEDS[format]
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 60)))
    await assert_answered(client, owner, seed[:start] + data.draw(st.binary(max_size=8)) + seed[end:], format)


@given(
    files=st.dictionaries(
        st.sampled_from(
            ["Profile.csv", "Positions.csv", "Skills.csv", "Email Addresses.csv", "x.csv", "a/b"]
        ),
        st.text(max_size=80)
        | st.text(alphabet='",\n\r\x00ab', max_size=60).map(lambda t: "Name,Title,First Name\n" + t),
        max_size=4,
    )
)
@quick
async def test_any_tables(client: httpx.AsyncClient, owner: dict[str, str], files: dict[str, str]) -> None:
    file = archive({name: text.encode("utf-8", "replace") for name, text in files.items()})
    await assert_answered(client, owner, file, "linkedin-zip")
