"""Finding products by words: full-text search with prefixes, and a mistyped word replaced by the nearest ones there are."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, String, bindparam, text

from app.core.db import session
from app.domain.catalog.rules.words import query_words

MOST_MATCHES = 5000

# Each word is taken as the beginning of a word, if any begins so; else as the three most similar words (trigrams).
# A word with a digit in it is a code or a number and is taken as it is.
# The words hold letters and digits only (`rules/words.py`), so they cannot break out of the query.
_SEARCH = text(
    """
WITH typed AS (
    SELECT word, place FROM unnest(:words) WITH ORDINALITY AS t(word, place)
), meant AS (
    SELECT t.word, t.place, near.words,
           CASE WHEN near.words IS NULL THEN t.word || ':*'
                ELSE (SELECT string_agg(w, ' | ') FROM unnest(near.words) AS w) END AS term
    FROM typed t
    LEFT JOIN LATERAL (
        SELECT array_agg(s.word ORDER BY s.alike DESC, s.word) AS words
        FROM (SELECT word, similarity(word, t.word) AS alike FROM search_word
              WHERE word % t.word ORDER BY alike DESC, word LIMIT 3) s
        WHERE NOT EXISTS (SELECT FROM search_word b WHERE b.word >= t.word AND b.word < t.word || 'zzzz'
                          AND starts_with(b.word, t.word))
          AND length(t.word) > 2 AND t.word !~ '[0-9]'
    ) near ON true
), asked AS (
    SELECT to_tsquery('simple', string_agg('(' || term || ')', ' & ' ORDER BY place)) AS query,
           array_agg(coalesce(words[1], word) ORDER BY place) AS understood
    FROM meant
)
SELECT p.id, a.understood
FROM asked a
LEFT JOIN LATERAL (
    SELECT id, sort_title, ts_rank(search, a.query) AS rank FROM product WHERE search @@ a.query
    ORDER BY rank DESC, sort_title, id LIMIT :most
) p ON true
ORDER BY p.rank DESC, p.sort_title, p.id
"""
).bindparams(bindparam("words", type_=ARRAY(String())))


@dataclass(frozen=True, slots=True)
class Matches:
    """Products, best first. `understood` are the words that were looked for, where they are not the ones typed."""

    product_ids: tuple[UUID, ...]
    understood: str | None


NONE = Matches((), None)


def search(query: str) -> Matches | None:
    """Products whose words begin with the words of `query`; None when there is no word in it. One statement."""
    typed = query_words(query)
    if not typed:
        return None
    rows = session().execute(_SEARCH, {"words": typed, "most": MOST_MATCHES}).all()
    if not rows:
        return NONE
    understood = rows[0].understood
    ids = tuple(row.id for row in rows if row.id is not None)
    return Matches(ids, " ".join(understood) if understood != typed else None)
