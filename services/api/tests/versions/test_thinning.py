"""Versions that nobody asked for are thinned out; the others, and the newest, never are."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.exports.models import Export
from api.jobs.models import JobStatus
from api.resumes.models import Resume
from api.shares.models import Share
from api.versions import queries
from api.versions.models import Version
from api.versions.thinning import RESUMES_AT_ONCE, Mark, surplus, thin
from common.db import Database
from common.ids import new_id, now

AT = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)
"""A Wednesday."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

marks = st.lists(
    st.builds(
        Mark,
        id=st.uuids(),
        number=st.just(0),
        created_at=st.timedeltas(timedelta(days=-120), timedelta(0)).map(lambda age: AT + age)
        | st.sampled_from([AT - DAY, AT - 30 * DAY, AT - HOUR, AT]),
        is_kept=st.booleans(),
    ),
    max_size=30,
    unique_by=lambda mark: mark.id,
).map(lambda found: [Mark(m.id, n, m.created_at, m.is_kept) for n, m in enumerate(found)])


def left(versions: list[Mark], at: datetime = AT) -> list[Mark]:
    gone = surplus(versions, at=at)
    return [version for version in versions if version.id not in gone]


@given(marks)
def test_what_was_thinned_out_is_not_thinned_out_further(versions: list[Mark]) -> None:
    assert left(left(versions)) == left(versions)


@given(marks, st.randoms())
def test_the_order_of_versions_does_not_matter(versions: list[Mark], random: Any) -> None:
    shuffled = random.sample(versions, len(versions))
    assert surplus(shuffled, at=AT) == surplus(versions, at=AT)


@given(marks, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_it_does_not_matter_how_often_it_is_done(versions: list[Mark], later: timedelta) -> None:
    assert left(left(versions), AT + later) == left(versions, AT + later)


@given(marks)
def test_what_is_named_or_needed_and_the_newest_stay(versions: list[Mark]) -> None:
    gone = surplus(versions, at=AT)
    assert not gone & {version.id for version in versions if version.is_kept}
    if versions:
        assert max(versions, key=lambda version: (version.created_at, version.number)).id not in gone


@given(marks)
def test_of_the_last_day_all_stay_then_one_of_a_day_then_one_of_a_week(versions: list[Mark]) -> None:
    old = [v for v in versions if not v.is_kept]
    assert {v.id for v in versions if AT - v.created_at < DAY} <= {v.id for v in left(versions)}
    for days, period in (
        ((1, 30), lambda v: v.created_at.date()),
        ((30, 999), lambda v: v.created_at.isocalendar()[:2]),
    ):
        of_age = [v for v in old if days[0] * DAY <= AT - v.created_at < days[1] * DAY]
        stayed = [v for v in left(versions) if v in of_age]
        newest = {period(v): v for v in sorted(of_age, key=lambda v: (v.created_at, v.number))}
        assert {v.id for v in stayed} == {v.id for v in newest.values()}


def test_an_example() -> None:
    ages = [0, 1, 23, 25, 26, 50, 24 * 31, 24 * 31 + 1, 24 * 40]
    versions = [Mark(new_id(), 99 - n, AT - age * HOUR, is_kept=False) for n, age in enumerate(ages)]
    assert [ages[versions.index(v)] for v in left(versions)] == [0, 1, 23, 25, 50, 24 * 31, 24 * 40]


@pytest.fixture
def stored(database: Database) -> Any:
    """Makes versions of a resume in the database: `(age, reason, name)` each; their ids."""

    async def make(owner_id: UUID, *made: tuple[timedelta, str, str | None]) -> list[UUID]:
        resume = Resume(
            id=new_id(),
            owner_id=owner_id,
            title="Ada",
            title_key="ada",
            language="en",
            template="classic",
            template_version=1,
            settings={},
            members=[],
            frozen_at=now(),
        )
        versions = [
            Version(
                id=new_id(),
                resume_id=resume.id,
                owner_id=owner_id,
                number=number,
                name=name,
                title="Ada",
                language="en",
                sha256=f"{number:064}",
                reason=reason,
                content="{}",
                layout="{}",
                created_at=AT - age,
            )
            for number, (age, reason, name) in enumerate(made, 1)
        ]
        async with database.write() as db:
            db.add(resume)
            await db.flush()
            db.add_all(versions)
        return [version.id for version in versions]

    return make


async def kept(database: Database, ids: list[UUID]) -> list[int]:
    """Which of the versions are left, by their place in `ids`."""
    async with database.read() as db:
        found = set(await db.scalars(select(Version.id).where(Version.id.in_(ids))))
    return [place for place, id in enumerate(ids) if id in found]


async def test_versions_of_all_reasons_but_those_asked_for_are_thinned_out(
    database: Database, stored: Any, owner_id: UUID
) -> None:
    reasons = ["automatic", "restore", "export", "share", "manual", "automatic"]
    names = [None, None, None, None, None, "As sent"]
    old = [(100 * DAY + n * HOUR, *of) for n, of in enumerate(zip(reasons, names, strict=True))]
    ids = await stored(owner_id, *old, (HOUR, "automatic", None))
    await thin(database, at=AT)
    assert await kept(database, ids) == [0, 4, 5, 6]


async def test_a_version_that_an_export_or_a_link_needs_stays(
    database: Database, stored: Any, owner_id: UUID
) -> None:
    ids = await stored(owner_id, *[(100 * DAY + n * HOUR, "automatic", None) for n in range(5)])
    async with database.write() as db:
        version = await db.get_one(Version, ids[0])
        for place, age in ((1, 29 * DAY), (2, 31 * DAY)):
            job = JobStatus(id=new_id(), owner_id=owner_id, kind="pdf_generation")
            db.add(job)
            await db.flush()
            db.add(
                Export(
                    owner_id=owner_id,
                    resume_id=version.resume_id,
                    version_id=ids[place],
                    job_id=job.id,
                    format="pdf",
                    template="classic",
                    template_version=1,
                    options={},
                    file_name="x.pdf",
                    notify=False,
                    created_at=AT - age,
                )
            )
        db.add(
            Share(
                resume_id=version.resume_id,
                owner_id=owner_id,
                version_id=ids[3],
                key=b"k" * 32,
                revoked_at=AT,
            )
        )
    await thin(database, at=AT)
    assert await kept(database, ids) == [0, 1, 3]


async def test_a_resume_whose_versions_were_thinned_out_is_looked_at_anew(
    database: Database, stored: Any, owner_id: UUID
) -> None:
    thinned = await stored(owner_id, *[(100 * DAY + n * HOUR, "automatic", None) for n in range(2)])
    whole = await stored(owner_id, *[(n * HOUR, "automatic", None) for n in range(2)])
    await thin(database, at=AT)
    async with database.read() as db:
        of = select(Resume.frozen_at).join(Version, Version.resume_id == Resume.id)
        assert await db.scalar(of.where(Version.id == thinned[0])) is None
        assert await db.scalar(of.where(Version.id == whole[0])) is not None


async def test_a_version_that_is_named_meanwhile_stays(
    database: Database, stored: Any, owner_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever names it between the look at a resume and the deletion."""
    ids = await stored(owner_id, *[(100 * DAY + n * HOUR, "automatic", None) for n in range(3)])
    remove, doomed = queries.remove_thinnable, set[UUID]()

    async def after_a_name(db: AsyncSession, found: list[UUID], **conditions: Any) -> int:
        doomed.update(found)
        await db.execute(update(Version).where(Version.id == ids[1]).values(name="Mine"))
        return await remove(db, found, **conditions)

    monkeypatch.setattr(queries, "remove_thinnable", after_a_name)
    await thin(database, at=AT)
    assert set(ids[1:]) <= doomed
    assert await kept(database, ids) == [0, 1]


async def test_the_versions_of_very_many_resumes_are_thinned_out(
    database: Database, stored: Any, owner_id: UUID
) -> None:
    count = 2 * RESUMES_AT_ONCE + 1
    old = [(100 * DAY + n * HOUR, "automatic", None) for n in range(2)]
    ids = [await stored(new_id(), *old) for _ in range(count)]
    assert await thin(database, at=AT) >= count
    assert [await kept(database, two) for two in ids] == [[0]] * count


async def test_a_version_that_is_left_can_still_be_checked(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, database: Database, versions: Any
) -> None:
    path = await make_resume(content={"work": [0]})
    for n in range(3):
        await client.put(f"{path}/content", json={"work": [n, n]}, headers=owner)
        await client.post(f"{path}/versions", headers=owner)
    async with database.write() as db:
        resume = UUID(path.rsplit("/", 1)[1])
        old = update(Version).where(Version.resume_id == resume)
        await db.execute(old.values(reason="automatic", created_at=AT - 100 * DAY))
    before = await versions(path)
    await thin(database, at=AT)
    assert await versions(path) == before[-1:]
