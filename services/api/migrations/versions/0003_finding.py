"""Finding resumes: the index of what they say, and the orders that lists come in."""

import json
import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0003"
down_revision = "0002"

_RESUMES_AT_ONCE = 100
_ORDERS = ("updated_at", "created_at", "title_key")


def upgrade() -> None:
    _extend_library_and_families()
    _extend_resumes_and_tags()
    _create_search_texts()
    if _is_postgresql():
        op.execute("CREATE INDEX ix_search_texts_words ON search_texts USING gin (words)")
    else:
        _create_fts5()
    _fill()
    for column in _ORDERS:
        # On SQLite a search walks through an order and looks up the number of each resume among those that match.
        columns = ["owner_id", column, "id", *([] if _is_postgresql() else ["deleted_at", "number"])]
        for name, which in (
            ("live", sa.text("deleted_at IS NULL")),
            ("trash", sa.text("deleted_at IS NOT NULL")),
        ):
            op.create_index(
                f"ix_resumes_{name}_{column}", "resumes", columns, sqlite_where=which, postgresql_where=which
            )


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _bytewise(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _extend_library_and_families() -> None:
    op.add_column("library_items", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    op.add_column("resumes", sa.Column("translated_from", sa.String(64)))


def _extend_resumes_and_tags() -> None:
    op.add_column("resumes", sa.Column("title_key", _bytewise(200), nullable=False, server_default=""))
    op.add_column("resumes", sa.Column("tags", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("tags", sa.Column("key", _bytewise(150), nullable=False, server_default=""))
    if _is_postgresql():
        op.execute('ALTER TABLE tags ALTER COLUMN name TYPE varchar(50) COLLATE "C"')
    op.create_index("ix_tags_owner_id_key", "tags", ["owner_id", "key"])
    op.create_index("ix_tags_resume_id_key", "tags", ["resume_id", "key"])


def _create_search_texts() -> None:
    op.create_table(
        "search_texts",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        _reference("resume_id", "resumes", nullable=False),
        _reference("section_id", "sections", index=True),
        _reference("item_id", "items", index=True),
        sa.Column("field", sa.String(8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    )
    op.create_index("ix_search_texts_resume_id_field", "search_texts", ["resume_id", "field"])


def _reference(name: str, table: str, *, nullable: bool = True, index: bool = False) -> sa.Column[sa.Uuid]:
    foreign = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, sa.Uuid(), foreign, nullable=nullable, index=index)


def _create_fts5() -> None:
    """The index of SQLite, which triggers keep in step with `search_texts`.

    Words begin with `o` and the end of their owner's id; those of titles are there twice, with `t` too. The id of a row
    in the index is the number of its resume and, in the lower half, the id of its text: so which resumes match is known
    without a look at the texts. The prefix indexes are for one and two letters after an owner's key.
    """
    op.add_column("resumes", sa.Column("number", sa.Integer()))
    op.create_index("ix_resumes_number", "resumes", ["number"])
    op.add_column("search_texts", sa.Column("owner", sa.Text()))
    op.add_column("search_texts", sa.Column("place", sa.Integer()))
    op.execute(
        """
        UPDATE resumes SET number = known.number
        FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM resumes) AS known
        WHERE known.id = resumes.id
        """
    )
    op.execute(
        """
        CREATE TRIGGER resumes_are_numbered AFTER INSERT ON resumes BEGIN
          UPDATE resumes SET number = (SELECT coalesce(max(number), 0) + 1 FROM resumes WHERE id <> NEW.id)
          WHERE id = NEW.id;
        END
        """
    )
    op.execute(
        """
        CREATE VIEW search_terms AS SELECT id, place,
          replace(' ' || words, ' ', ' o' || owner)
          || CASE field WHEN 'title' THEN replace(' ' || words, ' ', ' t' || owner) ELSE '' END AS terms
        FROM search_texts
        """
    )
    op.execute(
        """
        CREATE VIRTUAL TABLE search_index USING fts5(
          terms, content='search_terms', content_rowid='place', tokenize='ascii', prefix='14 15', columnsize=0
        )
        """
    )
    op.execute(
        """
        CREATE TRIGGER search_texts_are_indexed AFTER INSERT ON search_texts BEGIN
          UPDATE search_texts SET (place, owner) = (
            SELECT number << 32 | (NEW.id & 4294967295), substr(owner_id, -12)
            FROM resumes WHERE id = NEW.resume_id
          ) WHERE id = NEW.id;
          INSERT INTO search_index (rowid, terms) SELECT place, terms FROM search_terms WHERE id = NEW.id;
        END
        """
    )
    op.execute(
        """
        CREATE TRIGGER search_texts_are_forgotten BEFORE DELETE ON search_texts BEGIN
          INSERT INTO search_index (search_index, rowid, terms)
          SELECT 'delete', place, terms FROM search_terms WHERE id = OLD.id;
        END
        """
    )


def _fill() -> None:
    """Index what there is, a batch of resumes at a time."""
    bind, last = op.get_bind(), None
    while True:
        wanted = sa.select(_RESUMES).order_by(_RESUMES.c.id).limit(_RESUMES_AT_ONCE)
        resumes = bind.execute(wanted if last is None else wanted.where(_RESUMES.c.id > last)).all()
        if not resumes:
            return
        last = resumes[-1].id
        ids = [resume.id for resume in resumes]
        tags = bind.execute(
            sa.select(_TAGS).where(_TAGS.c.resume_id.in_(ids)).order_by(_TAGS.c.resume_id, _TAGS.c.name)
        )
        tagged = {key: [row.name for row in rows] for key, rows in groupby(tags, lambda row: row.resume_id)}
        owners = {resume.id: resume.owner_id for resume in resumes}
        rows = [row for resume in resumes for row in _head(resume, tagged.get(resume.id, []))]
        for section in bind.execute(sa.select(_SECTIONS).where(_SECTIONS.c.resume_id.in_(ids))):
            rows += _rows(section.resume_id, "section", [section.title or ""], section_id=section.id)
        for item in bind.execute(sa.select(_ITEMS).where(_ITEMS.c.resume_id.in_(ids))):
            rows += _rows(item.resume_id, "item", _leaves(_value(item.data)), item_id=item.id)
        for resume in resumes:
            _keep_keys(bind, resume, tagged.get(resume.id, []))
        if rows:
            written = [row | {"words": _vector(row["words"], owners[row["resume_id"]])} for row in rows]
            bind.execute(_TEXTS.insert(), written)


def _keep_keys(bind: sa.Connection, resume: Any, tags: list[str]) -> None:
    keys = {"title_key": _sort_key(resume.title), "tags": tags}
    bind.execute(_RESUMES.update().where(_RESUMES.c.id == resume.id).values(keys))
    for name in tags:
        chosen = (_TAGS.c.resume_id == resume.id) & (_TAGS.c.name == name)
        bind.execute(_TAGS.update().where(chosen).values(key=_tag_key(name)))


def _head(resume: Any, tags: list[str]) -> Iterator[dict[str, Any]]:
    yield from _rows(resume.id, "title", [resume.title])
    yield from _rows(resume.id, "tags", tags)
    yield from _rows(resume.id, "basics", _leaves(_value(resume.basics or "null")))
    yield from _rows(resume.id, "extra", _leaves(_value(resume.extra)))


def _rows(resume_id: Any, field: str, lines: Any, **of: Any) -> Iterator[dict[str, Any]]:
    place = {"resume_id": resume_id, "section_id": None, "item_id": None, "field": field} | of
    texts: list[str] = []
    for line in (piece for whole in _leaves(list(lines)) for piece in _pieces(whole)):
        if texts and len(texts[-1]) + len(line) < _ROW:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return (place | {"text": text, "words": words} for text in texts if (words := _words(text)))


def _value(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str)


def _vector(words: list[str], owner_id: Any) -> str:
    if not _is_postgresql():
        return " ".join(words)
    return " ".join(f"o{owner_id.hex[-12:]}{word}:{place}" for place, word in enumerate(words, 1))


_RESUMES = sa.table(
    "resumes",
    sa.column("id", sa.Uuid()),
    sa.column("owner_id", sa.Uuid()),
    sa.column("title", sa.Text()),
    sa.column("basics", sa.Text()),
    sa.column("extra", sa.Text()),
    sa.column("title_key", sa.Text()),
    sa.column("tags", sa.JSON()),
)
_TAGS = sa.table(
    "tags",
    sa.column("resume_id", sa.Uuid()),
    sa.column("name", sa.Text()),
    sa.column("key", sa.Text()),
)
_SECTIONS = sa.table(
    "sections",
    sa.column("id", sa.Uuid()),
    sa.column("resume_id", sa.Uuid()),
    sa.column("title", sa.Text()),
)
_ITEMS = sa.table(
    "items",
    sa.column("id", sa.Uuid()),
    sa.column("resume_id", sa.Uuid()),
    sa.column("data", sa.Text()),
)
_TEXTS = sa.table(
    "search_texts",
    sa.column("resume_id", sa.Uuid()),
    sa.column("section_id", sa.Uuid()),
    sa.column("item_id", sa.Uuid()),
    sa.column("field", sa.Text()),
    sa.column("text", sa.Text()),
    sa.column("words", sa.Text().with_variant(TSVECTOR(), "postgresql")),
)

# How texts were folded as of this release; `api.search` says why.

_ROW, _OVERLAP, _LONGEST_WORD = 1500, 100, 100
_SIGNS = re.compile(r"(?<=[^\W_]|[\u0300-\u036f\u3099\u309a])[+#]{1,2}(?![^\W_])")
_SPELT_SIGNS = str.maketrans("+#", "\N{HEAVY PLUS SIGN}\N{VIEWDATA SQUARE}")
_NOT_WRITTEN = {"\u00ad", "\u0640"} | {chr(code) for code in range(0xFE00, 0xFE10)}
_OTHER_LETTERS = str.maketrans(
    {
        "\u0131": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ħ": "h",
        "ŧ": "t",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
    }
)
_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1100, 0x11FF),
    (0x1780, 0x17FF),
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3040, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        line = " ".join(value.replace("\0", "").split())
        if line and not (line.startswith("data:") and ";base64," in line[:200]):
            yield line
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _leaves(child)


def _pieces(line: str) -> Iterator[str]:
    while len(line) > _ROW:
        end = max(line.rfind(" ", _ROW // 2, _ROW), 0) or _ROW
        yield line[:end]
        line = line[(max(line.rfind(" ", end - _OVERLAP, end), 0) or end - _OVERLAP) :].lstrip()
    yield line


def _words(text: str) -> list[str]:
    marked = _SIGNS.sub(lambda found: found[0].translate(_SPELT_SIGNS), text)
    spelt = unicodedata.normalize("NFKC", marked)
    return [word[:_LONGEST_WORD] for word in "".join(map(_spelt, spelt)).split()]


def _spelt(character: str) -> str:
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = "".join(c for c in letters if unicodedata.combining(c) in {0, 7, 8, 9})
    plain = unicodedata.normalize("NFKC", kept).translate(_OTHER_LETTERS)
    return "".join(map(_spell, plain))


def _spell(letter: str) -> str:
    if letter == "\n":
        return " ¶ "
    if letter in _NOT_WRITTEN:
        return ""
    category, code = unicodedata.category(letter), ord(letter)
    alone = code >= 0x0E00 and any(first <= code <= last for first, last in _WITHOUT_SPACES)
    if category == "So" or (category[0] in "LMN" and alone):
        return f" {letter} "
    return letter if category[0] in "LMN" else " "


def _sort_key(text: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))[:200]


def _tag_key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
