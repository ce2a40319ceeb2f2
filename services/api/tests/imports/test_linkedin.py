"""Exports of LinkedIn with each table that is about a person, and what bounds an archive."""

import zipfile
from io import BytesIO
from typing import Any

import httpx
import pytest
from imports.conftest import PATH, Import, lost
from imports.exports import TABLES, archive, basic, complete, table

TOLD = ('$["Recommendations_Received.csv"][*].Status',)
SAME = {
    "Oct 1958": ["1958-10"],
    "septiembre de 1958": ["1958-09"],
    "Jun 1937": ["1937-06"],
    "Jul 1937": ["1937-07"],
    "Sep 1959": ["1959-09"],
    "Sep 1960": ["1960-09"],
    "Nov 2015": ["2015-11"],
    "Sep 17, 2019": ["2019-09-17"],
    "Jan 1962": ["1962-01"],
    "Jan 1936": ["1936-01"],
    "Feb 1936": ["1936-02"],
    "May 1953": ["1953-05"],
    "[katherinej,counting]": ["katherinej", "counting"],
    "[PORTFOLIO:https://katherine.example.org,BLOG:https://blog.example.org]": [
        "portfolio",
        "https://katherine.example.org",
        "blog",
        "https://blog.example.org",
    ],
    "[SKYPE:kjohnson]": ["Skype", "kjohnson"],
    "No": ["old@example.org"],
}


async def test_a_basic_export_is_imported_without_loss(import_file: Import, read_back: Import) -> None:
    made = await import_file(basic(), format="linkedin-zip")
    outcome = await read_back(made)
    source = {name: list(rows) for name, rows in TABLES.items()}
    told = (*TOLD, '$["Email Addresses.csv"][*].Primary')
    assert lost(source, [outcome, made], made["warnings"], told=told, same=SAME) == []
    content, rows = outcome["content"], outcome["rows"]
    assert made["resume"]["title"] == content["basics"]["name"] == "Katherine Johnson"
    assert content["basics"]["email"] == "kj@example.org"
    assert content["basics"]["emails"] == ["old@example.org"]
    assert content["basics"]["phone"] == "+1 757 0100 ext. 17"
    assert content["basics"]["url"] == "https://katherine.example.org"
    assert [p["network"] for p in content["basics"]["profiles"]] == ["Twitter", "Twitter", "Blog", "Skype"]
    assert content["work"] == [
        {
            "name": "NASA",
            "position": "Aerospace technologist",
            "summary": "Trajectories.\n- Freedom 7\n- Friendship 7",
            "location": "Langley",
            "startDate": "1958-10",
        },
        {"name": "NACA", "position": "Computer", "startDate": "1953", "endDate": "1958-09"},
    ]
    assert rows["references"]["items"] == [True, False]
    assert content["certificates"][0]["expires"] == "Summer 1941"
    assert '$["Certifications.csv"][0]["Finished On"]' in {w["path"] for w in made["warnings"]}


async def test_a_complete_export_gives_the_same_resume(import_file: Import, read_back: Import) -> None:
    """Files of other matters are named, and not opened."""
    one, other = await import_file(basic()), await import_file(complete())
    assert (await read_back(one))["content"] == (await read_back(other))["content"]
    named = {warning["path"]: warning["message"] for warning in other["warnings"]}
    for name in ("Connections.csv", "messages.csv", "Rich_Media.zip"):
        assert "no part of a resume" in named[f'$["Complete_LinkedInDataExport/{name}"]']


async def test_tables_can_be_sent_as_json(
    client: httpx.AsyncClient, owner: dict[str, str], read_back: Import
) -> None:
    body = {"format": "linkedin-zip", "document": {name: table(rows) for name, rows in TABLES.items()}}
    answer = await client.post(PATH, json=body, headers=owner)
    assert answer.status_code == 201, answer.text
    assert (await read_back(answer.json()))["content"]["work"][0]["name"] == "NASA"


def _encrypted() -> bytes:
    data = bytearray(archive({"Profile.csv": "x"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


def _lying() -> bytes:
    """A file whose header tells less than it holds."""
    data = bytearray(archive({"Profile.csv": "a" * 70_000}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(mark) + at
        data[start : start + 4] = (5).to_bytes(4, "little")
    return bytes(data)


def _twice() -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as writer:
        writer.writestr("Profile.csv", "a")
        with pytest.warns(UserWarning, match="Duplicate"):
            writer.writestr("Profile.csv", "b")
    return data.getvalue()


NUMBERS = bytes(range(48, 58)) * 7
ARCHIVES: dict[str, tuple[Any, str]] = {
    "too many files": (lambda: archive({f"{n}.csv": "" for n in range(201)}), "200 files"),
    "a path upwards": (lambda: archive({"Profile.csv": "x", "../Skills.csv": "x"}), "out of the archive"),
    "an absolute path": (lambda: archive({"/etc/Profile.csv": "x"}), "out of the archive"),
    "a path of Windows": (lambda: archive({"..\\Profile.csv": "x"}), "out of the archive"),
    "a large file": (lambda: archive({"Profile.csv": NUMBERS * 80_000}), "5 MiB"),
    "many large files": (lambda: archive({f"{n}/Skills.csv": NUMBERS * 50_000 for n in range(7)}), "20 MiB"),
    "a bomb": (lambda: archive({"Profile.csv": b"0" * 4_000_000}), "100 times"),
    "encrypted": (_encrypted, "encrypted"),
    "a lying header": (_lying, "Not a ZIP archive"),
    "one name twice": (_twice, "one name"),
    "cut off": (lambda: basic()[:-200], "Not a ZIP archive"),
    "no archive": (lambda: b"PK\x03\x04" + b"nonsense" * 20, "Not a ZIP archive"),
}


@pytest.mark.parametrize("what", ARCHIVES)
async def test_archives_are_bounded(client: httpx.AsyncClient, owner: dict[str, str], what: str) -> None:
    # SECURITY 24: archives with entry-count, ratio and path checks
    make, says = ARCHIVES[what]
    answer = await client.post(
        PATH, files={"file": ("export.zip", make())}, data={"format": "linkedin-zip"}, headers=owner
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "IMPORT_UNREADABLE"
    assert says in answer.json()["detail"]
    assert answer.elapsed.total_seconds() < 2


@pytest.mark.parametrize(
    ("files", "path", "says"),
    [
        ({"Profile.csv": b"First Name,Last Name\n\xff,\xfe"}, '$["Profile.csv"]', "UTF-8"),
        ({"Positions.csv": "Firma,Titel\nNASA,x\n"}, '$["Positions.csv"]', "Company Name"),
        ({"Skills.csv": "Name\n" + "a\n" * 5001}, '$["Skills.csv"]', "5000 rows"),
        (
            {"Skills.csv": "Name\n" + '"' + " ".join(map(str, range(40_000)))},
            '$["Skills.csv"]',
            "field larger",
        ),
        ({"nothing.txt": "x"}, "$", "not linkedin-zip"),
    ],
)
async def test_tables_that_cannot_be_read_are_refused(
    client: httpx.AsyncClient, owner: dict[str, str], files: Any, path: str, says: str
) -> None:
    answer = await client.post(
        PATH, files={"file": ("x.zip", archive(files))}, data={"format": "linkedin-zip"}, headers=owner
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["path"] == path
    assert says in answer.json()["detail"]


async def test_cells_beyond_the_columns_are_kept(import_file: Import, read_back: Import) -> None:
    made = await import_file(archive({"Skills.csv": "Name\nCounting,Steps\n"}))
    assert (await read_back(made))["content"]["skills"] == [{"name": "Counting", "column2": "Steps"}]
