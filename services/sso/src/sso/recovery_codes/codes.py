"""Recovery codes as people see and type them: four groups of four characters, 80 bits."""

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32: nothing that looks like something else
_READ_AS = str.maketrans("oil", "011")
_LENGTH, _GROUP = 16, 4


def new() -> str:
    characters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(characters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def normal(code: str) -> str:
    """`code` without what does not matter: case, spaces, dashes, a letter in place of the digit it looks like."""
    return "".join(char for char in code.casefold() if char.isalnum()).translate(_READ_AS)
