import json

from common.testing import npm
from tests.e2e.documents import missing
from tests.e2e.people import Person
from tests.e2e.stack import Stack


def test_resumes_that_others_published_are_exported_to_the_last_word_by_every_template(stack: Stack) -> None:
    person = Person(stack)
    published = {
        (package, name): json.loads(text)
        for package in npm.PACKAGES
        for name, text in npm.resumes(package).items()
    }
    assert published
    ids = {key: person.resume(document) for key, document in published.items()}
    listed = person.http.get("/api/v1/templates?kind=resume").json()["items"]
    templates = [template["id"] for template in listed]
    assert len(templates) >= 12
    exports = {
        (key, template): person.export(ids[key], template=template)  # all at once, awaited below
        for key in published
        for template in templates
    }
    for (key, template), export in exports.items():
        assert person.finished(export["jobId"])["state"] == "succeeded", (key, template)
        told = person.http.get(f"/api/v1/exports/{export['exportId']}").json()
        assert "missing_glyphs" not in {warning["code"] for warning in told["warnings"]}, (key, template)
        assert missing(published[key], person.download(export["exportId"])) == [], (key, template)
