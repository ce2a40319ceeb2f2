"""The choice of a language."""

import httpx

OURS = {"Origin": "https://resumax.test"}


async def test_a_chosen_language_stays_and_leads_back(client: httpx.AsyncClient) -> None:
    here = "/auth/ui/login?continue=%2Fx"
    page = await client.get(here)
    for name in ("العربية", "Deutsch", "English", "Español"):
        assert name in page.text
    answer = await client.post("/auth/ui/language", data={"language": "ar", "continue": here}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    cookie = answer.headers["set-cookie"]
    for part in ("__Host-resumax_language=ar", "Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in cookie
    headers = {"Cookie": "__Host-resumax_language=ar", "Accept-Language": "de"}
    client.cookies.clear()
    assert '<html lang="ar" dir="rtl">' in (await client.get(here, headers=headers)).text


async def test_a_language_that_there_is_not_is_not_kept(client: httpx.AsyncClient) -> None:
    data = {"language": "../xx", "continue": "https://evil.test"}
    answer = await client.post("/auth/ui/language", data=data, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/security")
    assert "set-cookie" not in answer.headers
    headers = {"Cookie": "resumax_language=xx", "Accept-Language": "de"}
    assert '<html lang="de"' in (await client.get("/auth/ui/login", headers=headers)).text
