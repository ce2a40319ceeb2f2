"""Documents written after the schemas of Europass 3 and 4, and what XML may not bring along."""

import json

import httpx
import pytest
from imports.conftest import PATH, Import, as_json, document, lost

from api.imports import xml_source

NATIVE = {"fas": ["Persian"], "fra": ["French"]}


async def test_version_3_is_imported_without_loss(import_file: Import, read_back: Import) -> None:
    text = document("europass-3.xml")
    made = await import_file(text, format="europass")
    outcome = await read_back(made)
    told = (
        "$.SkillsPassport.LearnerInfo.Identification.Demographics.Birthdate",
        "$.SkillsPassport.LearnerInfo.WorkExperienceList.WorkExperience[*].Period",
        "$.SkillsPassport.LearnerInfo.EducationList.Education.Period",
    )
    assert lost(xml_source.read(text), [outcome, made], made["warnings"], told=told) == []
    content = outcome["content"]
    assert (made["resume"]["title"], made["resume"]["language"]) == ("Sophie GERMAIN", "fr")
    assert content["basics"]["birthDate"] == "1776-04-01"
    assert content["work"][0] == {
        "name": "Institut",
        "position": "Théoricienne",
        "startDate": "1811-09",
        "endDate": "1816-01-08",
        "summary": "Surfaces élastiques :",
        "highlights": ["Trois mémoires", "Un grand prix"],
        "location": "Quai Conti, Royaume",
        "countryCode": "FX",
        "url": "https://institut.example.org",
        "sector": "Sciences",
    }
    assert content["work"][1] == {"name": "Gauss", "position": "Correspondante", "startDate": "1819"}
    assert content["education"][0] | {"startDate": "1794", "endDate": "1797"} == content["education"][0]
    latin, german = content["languages"][1:]
    assert (latin["reading"], "fluency" in latin) == ("C2", False)
    assert german == {"language": "Allemand", "fluency": "C1"}
    assert content["skills"][4] == {"name": "Driving licence", "keywords": ["BE", "AM"]}
    named = {warning["path"]: warning["message"] for warning in made["warnings"]}
    assert "iVBORw" in named["$.SkillsPassport.LearnerInfo.Identification.Photo"] or "image/png" in str(named)
    assert "$.SkillsPassport.AttachmentList" in named


async def test_version_3_as_json_is_imported_without_loss(import_file: Import, read_back: Import) -> None:
    made = await import_file(document("europass-3.json"))
    assert made["format"] == "europass"
    outcome = await read_back(made)
    told = (
        "$.SkillsPassport.LearnerInfo.Identification.Demographics.Birthdate",
        "$.SkillsPassport.LearnerInfo.*[*].Period",
        "$.SkillsPassport.LearnerInfo.Headline.Type.Code",
    )
    assert lost(as_json("europass-3.json"), [outcome, made], made["warnings"], told=told) == []
    content = outcome["content"]
    assert content["basics"]["summary"] == "Reserve your right to think."
    assert content["basics"]["birthDate"] == "1970-03-08"
    assert content["work"][0]["startDate"] == "1995-10-05"
    assert content["skills"][1]["keywords"] == ["A1", "B1"]


async def test_version_4_is_imported_without_loss(import_file: Import, read_back: Import) -> None:
    text = document("europass-4.xml")
    made = await import_file(text)
    assert made["format"] == "europass"
    outcome = await read_back(made)
    told = (
        "$.Candidate.CandidateProfile.EmploymentHistory.EmployerHistory.PositionHistory[0].EmploymentPeriod.CurrentIndicator",
        "$.Candidate.CandidateProfile.EducationHistory.EducationOrganizationAttendance.AttendancePeriod.Ongoing",
        "$.Candidate.CandidateProfile.VoluntaryWorks.VoluntaryWork.Date.Ongoing",
        "$.Candidate.CandidatePerson.Communication[*].ChannelCode",
        "$.Candidate.CandidatePerson.Communication[4].UseCode",
        "$.Candidate.CandidateProfile.EmploymentHistory.EmployerHistory.OrganizationContact.Communication[1].ChannelCode",
        "$.Candidate.CandidateProfile.PersonQualifications.PersonCompetency[*].TaxonomyID",
        "$.Candidate.CandidateProfile.PersonQualifications.PersonCompetency[0].CompetencyDimension[*].CompetencyDimensionTypeCode",
    )
    assert lost(xml_source.read(text), [outcome, made], made["warnings"], told=told, same=NATIVE) == []
    content, rows = outcome["content"], outcome["rows"]
    assert content["basics"]["phone"] == "+98 2100100"
    assert content["basics"]["location"]["city"] == "Stanford"
    assert [entry["position"] for entry in content["work"]] == ["Professor", "Visitor"]
    assert content["work"][0]["startDate"] == "2009-09-01"
    assert content["work"][0]["highlights"] == ["Geodesics", "Billiards"]
    assert content["work"][1]["startDate"] == "Some spring"
    assert content["languages"][0] == {"language": "Persian", "fluency": "Native"}
    assert content["languages"][2]["language"] == "French"
    assert content["certificates"] == [
        {"name": "Olympiad gold", "date": "1994-07", "url": "https://olympiad.example.org"}
    ]
    assert content["volunteer"][0]["startDate"] == "1996"
    assert rows["named-after-her"]["title"] == "Named after her"
    assert len(rows["named-after-her"]["items"]) == 2
    assert rows["conferences-and-seminars"]["title"] == "Conferences and seminars"
    named = {warning["path"] for warning in made["warnings"]}
    assert "$.Candidate.RenderingInformation" in named
    assert "$.Candidate.CandidateProfile.Attachment" in named


async def test_headings_hold_what_fits(import_file: Import, read_back: Import) -> None:
    heading = "Long \x00 heading " * 20
    body = {"Candidate": {"CandidateProfile": {"Others": [{"Title": heading, "Other": [{"Title": "x"}]}]}}}
    made = await import_file(json.dumps(body).encode())
    [row] = (await read_back(made))["rows"].values()
    assert len(row["title"]) <= 200
    assert "\x00" not in row["title"]
    assert [w["path"] for w in made["warnings"]] == ["$.Candidate.CandidateProfile.Others[0].Title"]


BOMB = "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><Candidate>&b;</Candidate>"


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        (BOMB, "$", "entities are not allowed"),
        ("<!DOCTYPE a SYSTEM 'http://localhost/a.dtd'><Candidate/>", "$", "not allowed"),
        (
            "<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><Candidate>&a;</Candidate>",
            "$",
            "not allowed",
        ),
        ("<Candidate>\n<a></Candidate>", "line 2", "mismatched tag"),
        ("<Candidate>" + "<a>" * 100_000, "line 1", "no element"),
        ("<Candidate>" + "<a>" * 100 + "</a>" * 100 + "</Candidate>", "$", "64 levels"),
        ("<Resume/>", "$", "not europass"),
        ("<?xml version='1.0' encoding='no-such'?><Candidate/>", None, "encoding"),
        (
            "<Candidate><CandidatePerson>x</CandidatePerson></Candidate>",
            "$.Candidate.CandidatePerson",
            "object",
        ),
    ],
)
async def test_xml_that_cannot_be_read_is_refused(
    client: httpx.AsyncClient, owner: dict[str, str], text: str, path: str | None, says: str
) -> None:
    """XML with a document type, entities or bottomless nesting costs nothing, and asks for nothing elsewhere."""
    answer = await client.post(
        PATH, files={"file": ("x.xml", text.encode())}, data={"format": "europass"}, headers=owner
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "IMPORT_UNREADABLE"
    assert path is None or answer.json()["errors"][0]["path"] == path
    assert says in answer.json()["detail"]
    assert answer.elapsed.total_seconds() < 1
