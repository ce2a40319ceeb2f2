"""Cover letters: documents of the same store, with members of their own."""

from typing import Any

EXAMPLE: dict[str, Any] = {
    "basics": {"name": "Ada Lovelace", "email": "ada@example.org"},
    "recipient": {"name": "Charles Babbage", "organization": "Royal Society", "address": "London"},
    "date": "1842-10-01",
    "subject": "Notes on the Analytical Engine",
    "salutation": "Dear Mr Babbage,",
    "paragraphs": ["I have translated the memoir of Mr Menabrea.", "My notes are longer than it."],
    "closing": "Yours sincerely,",
}


def empty() -> dict[str, Any]:
    """A letter that says nothing yet, with a place for everything."""
    return {
        "basics": {},
        "recipient": {},
        "date": "",
        "subject": "",
        "salutation": "",
        "paragraphs": [],
        "closing": "",
    }
