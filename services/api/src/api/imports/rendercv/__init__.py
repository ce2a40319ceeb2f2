"""RenderCV (https://rendercv.com), version 2 of its YAML: `cv` with sections of entries, `design`, `locale`, `settings`."""

from typing import Any

from api.imports.drafts import Draft
from api.imports.reading import Reader
from api.imports.rendercv import header, sections

NAME = "rendercv"
# What RenderCV calls its languages, by their tags; older files have the tag itself.
_LANGUAGES = {
    "english": "en",
    "german": "de",
    "french": "fr",
    "spanish": "es",
    "italian": "it",
    "portuguese": "pt",
    "turkish": "tr",
    "dutch": "nl",
    "danish": "da",
    "japanese": "ja",
    "korean": "ko",
    "mandarin_chinese": "zh",
    "hindi": "hi",
    "indonesian": "id",
    "russian": "ru",
    "norwegian_bokmål": "nb",
    "norwegian_nynorsk": "nn",
    "hebrew": "he",
    "persian": "fa",
    "arabic": "ar",
    "vietnamese": "vi",
    "hungarian": "hu",
}


def recognises(source: Any) -> bool:
    return isinstance(source, dict) and isinstance(source.get("cv"), dict)


def read(source: Reader, draft: Draft) -> None:
    """Puts `source` into `draft`. Raises Unreadable."""
    cv = source.object("cv")
    header.read(cv, draft)
    for section in cv.object("sections").members():
        sections.read(section, draft)
    draft.say_page_size(source.get("design").get("page").get("size"))
    language = source.get("locale", "locale_catalog").get("language")
    if isinstance(language.value, str) and language.value in _LANGUAGES:
        draft.language = _LANGUAGES[language.text()]
    else:
        draft.say_language(language)
