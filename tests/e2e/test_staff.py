"""Staff, from their first sign-in to a change that takes effect."""

from tests.e2e.people import Person, Staff
from tests.e2e.stack import Stack, eventually


def test_staff_set_up_a_second_factor_and_then_change_things(stack: Stack) -> None:
    person, staff = Person(stack), Staff(stack)
    (found,) = staff.http.get("/admin/v1/users", params={"q": person.email}).json()["items"]
    suspend = f"/admin/v1/users/{found['id']}/suspend"
    refused = staff.http.post(suspend, json={"reason": "a test"})
    assert (refused.status_code, refused.json()["code"]) == (401, "STEP_UP_REQUIRED")
    assert "insufficient_user_authentication" in refused.headers["www-authenticate"]
    staff.set_up_second_factor()
    assert staff.http.post(suspend, json={"reason": "a test"}).status_code == 401, "it was not shown yet"
    staff.step_up()
    assert staff.http.post(suspend, json={"reason": "a test"}).status_code == 204
    eventually(lambda: person.http.get("/api/v1/resumes").status_code == 401, within=2)
