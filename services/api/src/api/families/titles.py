"""What a variant is called unless its owner says."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError

_LONGEST = 200


def of_variant(title: str, *, language: str, wanted: str) -> str:
    """The title of a variant in the language `wanted` of a resume in `language`: its own, with that language's name in
    place of the one that it may end with."""
    ending = _ending(wanted)
    return title.removesuffix(_ending(language))[: _LONGEST - len(ending)] + ending


@lru_cache(maxsize=64)
def _ending(language: str) -> str:
    """The name of a BCP 47 tag in its own language; the tag itself if nobody knows one."""
    try:
        locale = Locale.parse(language, sep="-", resolve_likely_subtags=False)
    except (UnknownLocaleError, ValueError):
        return f" ({language})"
    return f" ({locale.display_name or language})"
