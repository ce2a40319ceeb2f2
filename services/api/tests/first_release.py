"""A database as the first release left it, with one row at least in every table."""

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any
from uuid import UUID

from common.ids import new_id, now

CONTENT = {
    "work": [{"position": "Programmer", "name": "Engine"}, {"name": "Other"}],
    "basics": {"name": "Ada"},
    "skills": ["x", {"n": 10**30}],
    "meta": {"b": 1, "a": 2},
}
SAID = {"basics": {"name": "Ada"}, "work": [{"name": "Other"}]}
"""What its versions say."""


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


class Release:
    """What the release before had stored: one row at least in every table, of one owner."""

    def __init__(self, file: Path, owner_id: UUID) -> None:
        self.file, self.owner_id = file, owner_id
        self.resume_id, self.version_id, self.exported_id = new_id(), new_id(), new_id()
        self.export_id, self.job_id = new_id(), new_id()
        self.at = now().isoformat(sep=" ").removesuffix("+00:00")
        self.items: list[UUID] = []

    def store(self) -> None:
        self._database = sqlite3.connect(self.file)
        with self._database:
            self._resume()
            for number, (key, name) in enumerate(((self.version_id, "As sent"), (self.exported_id, None)), 1):
                self._version(key, number, name)
            self._others()
        self._database.close()

    def _resume(self) -> None:
        self._insert(
            "resumes",
            id=self.resume_id,
            owner_id=self.owner_id,
            title="Ada",
            language="en",
            template="classic",
            template_version=1,
            settings='{"accent": "blue"}',
            basics=compact(CONTENT["basics"]),
            extra=compact({"meta": CONTENT["meta"]}),
            members=json.dumps(list(CONTENT)),
            version=7,
            created_at=self.at,
            updated_at=self.at,
        )
        for place, kind in enumerate(("work", "skills")):
            section_id = new_id()
            self._insert(
                "sections", id=section_id, resume_id=self.resume_id, kind=kind, rank=f"a{place}", visible=1
            )
            for rank, value in enumerate(CONTENT[kind]):
                self.items.append(new_id())
                self._insert(
                    "items",
                    id=self.items[-1],
                    resume_id=self.resume_id,
                    section_id=section_id,
                    kind=kind,
                    rank=f"a{rank}",
                    visible=1,
                    data=compact(value),
                )

    def _version(self, key: UUID, number: int, name: str | None) -> None:
        content = json.dumps(SAID | {"n": number}, sort_keys=True, separators=(",", ":"))
        self._insert(
            "versions",
            id=key,
            resume_id=self.resume_id,
            owner_id=self.owner_id,
            number=number,
            name=name,
            title="Ada",
            language="en",
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            content=content,
            created_at=self.at,
        )

    def _others(self) -> None:
        self._insert(
            "templates",
            id="classic",
            version=1,
            engine="typst",
            name="Classic",
            description="",
            page_sizes='["a4"]',
            options='{"accent": {"type": "text"}}',
            published_at=self.at,
        )
        self._insert(
            "jobs",
            id=self.job_id,
            owner_id=self.owner_id,
            kind="pdf_generation",
            state="succeeded",
            seq=3,
            attempt=1,
            created_at=self.at,
            updated_at=self.at,
        )
        self._insert(
            "exports",
            id=self.export_id,
            owner_id=self.owner_id,
            resume_id=self.resume_id,
            version_id=self.exported_id,
            job_id=self.job_id,
            format="pdf",
            template="classic",
            template_version=1,
            options="{}",
            file_name="Ada.pdf",
            notify=0,
            bucket="resume-exports",
            key="pdfs/x/ada.pdf",
            created_at=self.at,
        )
        self._insert(
            "idempotency_keys",
            user_id=self.owner_id,
            route="POST /api/v1/resumes",
            key="before",
            body_sha256=hashlib.sha256(b'{"title":"Ada"}').digest(),
            status=201,
            response=json.dumps({"id": str(self.resume_id), "version": 1}).encode(),
            created_at=self.at,
        )
        self._insert(
            "outbox",
            message_id="before",
            lane="bus",
            subject="$KV.resume_cache.resume.before",
            headers="{}",
            payload=b"{}",
            attempts=0,
            created_at=self.at,
        )

    def _insert(self, table: str, **values: Any) -> None:
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        self._database.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",
            [value.hex if isinstance(value, UUID) else value for value in values.values()],
        )
