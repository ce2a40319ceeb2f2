"""The 30,000 passwords that are used most, as zxcvbn carries them, and what people make of them to get them accepted."""

from functools import cache
from itertools import cycle

_SHORTEST = 4
"""Characters; what is shorter than that is in any text."""


def is_common(password: str) -> bool:
    """Whether `password` (in one Unicode form, without case) is a common one: as it is, with digits and signs around
    it, or over and over (`passwordpassword`), as is any single character."""
    if len(set(password)) == 1:
        return True
    core = password.strip("".join({c for c in password if not c.isalpha()}))
    return any(_is_known(candidate) for candidate in {password, core})


def _is_known(text: str) -> bool:
    known = _known()
    lengths = range(_SHORTEST, len(text) + 1)
    return any(text[:n] in known and _repeats(text, text[:n]) for n in lengths)


def _repeats(text: str, unit: str) -> bool:
    return all(a == b for a, b in zip(text, cycle(unit), strict=False))


@cache
def _known() -> frozenset[str]:
    """Loaded when first asked for: it takes 30 ms and 15 MB, which a process that hashes nothing should not pay."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])
