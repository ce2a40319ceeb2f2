"""Exports of other programs as somebody published them: each value is in the resume, or named in a warning."""

import json

from imports.conftest import Import, lost
from imports.published import SOURCE, published

from api.imports import xml_source

CONVERTER = "europassxml-to-reactiveresumejson==0.2.1"
"""Published with a curriculum vitae of Europass, and the sample of Reactive Resume 5."""
ABILITIES = (
    "$.Candidate.CandidateProfile.PersonQualifications.PersonCompetency[*].CompetencyDimension[*]"
    ".CompetencyDimensionTypeCode"
)
"""`CEF-Understanding-Listening` is told as `Listening`, and so on."""
DATES = {
    "March 2022 - Present": ["2022-03"],
    "2014 - 2018": ["2014", "2018"],
    "2023 - Present": ["2023"],
    "2021 - 2023": ["2021", "2023"],
    "2019 - Present": ["2019"],
    "2020 - Present": ["2020"],
    "2021 - Present": ["2021"],
    "April 2021": ["2021-04"],
    "December 2021": ["2021-12"],
    "March 2022": ["2022-03"],
    "June 2023": ["2023-06"],
    "September 2021": ["2021-09"],
    "May 2022": ["2022-05"],
    "June 2020 - February 2022": ["2020-06", "2022-02"],
    "September 2018 - May 2020": ["2018-09", "2020-05"],
}


async def test_a_published_europass_is_imported_without_loss(import_file: Import, read_back: Import) -> None:
    exported = published(CONVERTER, "sample.xml", form=SOURCE)
    made = await import_file(exported)
    outcome = await read_back(made)
    assert lost(xml_source.read(exported), [outcome, made], made["warnings"], told=(ABILITIES,)) == []
    content = outcome["content"]
    assert (made["format"], content["basics"]["name"]) == ("europass", "Fabio Ashtar Telarico")
    assert (len(content["work"]), len(content["education"]), len(content["languages"])) == (2, 2, 4)


async def test_the_sample_of_reactive_resume_is_imported_without_loss(
    import_file: Import, read_back: Import
) -> None:
    exported = published(CONVERTER, "sample.json", form=SOURCE)
    made = await import_file(exported)
    outcome = await read_back(made)
    told = ("$.metadata.layout",)  # the order of the sections
    assert lost(json.loads(exported), [outcome, made], made["warnings"], told=told, same=DATES) == []
    content = outcome["content"]
    assert (made["format"], content["basics"]["name"]) == ("reactive-resume", "David Kowalski")
    assert (len(content["projects"]), len(content["skills"]), len(content["Experience"])) == (3, 6, 2)
