"""The forms of our pages, as a browser without JavaScript reads and sends them."""

from html.parser import HTMLParser

import httpx

OURS = {"Origin": "https://resumax.test", "Sec-Fetch-Site": "same-origin"}
FOREIGN: list[dict[str, str]] = [
    {},
    {"Origin": "null"},
    {"Origin": "https://evil.test"},
    {"Origin": "https://resumax.test.evil.test"},
    {"Origin": "http://resumax.test"},
    {"Origin": "https://resumax.test", "Sec-Fetch-Site": "cross-site"},
]
"""What browsers say of forms that are not ours, and programs that say nothing (SECURITY 14)."""


class Form(HTMLParser):
    """The form in the sheet of a page: its action, its fields as they are filled, and its buttons by their value."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.action, self.fields, self.buttons = "", dict[str, str](), dict[str, str]()
        self._is_inside = False
        self._button: str | None = None
        self.feed(page.text.partition("<main")[2].partition("</main>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert values["method"] == "post"
            assert not self.action, "there is more than one form"
            self.action, self._is_inside = values["action"], True
        elif tag == "input" and self._is_inside:
            self.fields[values["name"]] = values.get("value", "")
        elif tag == "button" and self._is_inside:
            self._button = values.get("value", "")
            self.buttons[self._button] = ""

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self.buttons[self._button] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None
        self._is_inside &= tag != "form"

    async def send(
        self,
        http: httpx.AsyncClient,
        browser: dict[str, str],
        *,
        origin: dict[str, str] = OURS,
        **fields: str,
    ) -> httpx.Response:
        """Send it from the browser with these cookies, by default from our own page."""
        return await http.post(self.action, data=self.fields | fields, headers=browser | origin)
