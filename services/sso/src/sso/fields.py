"""Types of the fields that several requests have."""

from typing import Annotated

from msgspec import Meta

# In Python `$` also matches before a last newline, which `(?!\n)` rules out here and in JSON Schema's dialect alike.
_END = r"$(?!\n)"
# No commas, brackets or quotes: an address that can be read as two would be sent as two.
_ATOM = r"[^\s@,;:<>()\[\]\\\"\x00-\x20\x7f.]+"
EMAIL_PATTERN = rf"^ *{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})+ *{_END}"
LONGEST_EMAIL = 254

Email = Annotated[
    str,
    Meta(
        max_length=LONGEST_EMAIL,
        pattern=EMAIL_PATTERN,
        description="An e-mail address",
        examples=["ada@example.org"],
    ),
]
Password = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1024,
        description="12 to 128 characters of any kind",
        examples=["correct horse battery"],
    ),
]
_PRINTED = r"[^\x00-\x1f\x7f]"
PersonName = Annotated[
    str,
    Meta(
        max_length=200, pattern=rf"^{_PRINTED}*[^\s\x00-\x1f\x7f]{_PRINTED}*{_END}", examples=["Ada Lovelace"]
    ),
]
Locale = Annotated[
    str,
    Meta(
        max_length=35,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*" + _END,
        description="BCP 47",
        examples=["en"],
    ),
]
Token = Annotated[
    str, Meta(min_length=1, max_length=256, examples=["Wsk4slcSokAskZRLTErOzx9-U36cE4gIJb7aweSmuBo"])
]
