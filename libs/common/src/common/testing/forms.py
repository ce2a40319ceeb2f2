"""The forms of a page, to be sent as a browser without JavaScript sends them."""

from html.parser import HTMLParser


class Form:
    """Where a form goes, what its fields hold, and what its first button that sends it says."""

    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method
        self.fields: dict[str, str] = {}
        self.button = ""


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self._in_button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""), values.get("method", "get"))
            self.found.append(self._open)
        elif self._open is None:
            return
        elif (
            tag == "input" and "name" in values and (values.get("type") != "checkbox" or "checked" in values)
        ):
            self._open.fields[values["name"]] = values.get("value", "")
        elif tag == "button" and values.get("type") != "button" and not self._open.button:
            self._in_button = True
            if "name" in values:
                self._open.fields[values["name"]] = values.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._in_button and self._open is not None:
            self._open.button += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "button":
            self._in_button = False


def forms(page: str) -> list[Form]:
    """Every form of the main part of `page`, in its order."""
    parser = _Forms()
    parser.feed(page.partition("</main>")[0])
    return parser.found


def form(page: str, action: str = "") -> Form:
    """The form of `page` whose action begins with `action`; its first one, unless told."""
    return next(found for found in forms(page) if found.action.startswith(action))
