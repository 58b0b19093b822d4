"""The versions of a book: who published what and when, what differs between any two, and the way back to an earlier one."""

from typing import Any
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.errors import NotFound
from app.domain.pricing.actions.returning import return_to
from app.domain.pricing.models import PriceBookVersion
from app.domain.reports.queries import price_books, price_changes, price_lines
from app.web.kit.pages import see_other
from app.web.kit.price_desk.desk import desk, desk_page
from app.web.kit.price_rules import SELECTOR_WORDS, words_of


def show_versions(book_id: UUID) -> ResponseReturnValue:
    """All versions, newest first, and two of them to compare."""
    detail = price_books.book(book_id)
    return desk_page("versions", detail=detail, book=detail.book, version=None, state="")


def _numbered(detail: price_books.BookDetail, text: str) -> PriceBookVersion:
    version = detail.version(int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else None
    if version is None:
        raise NotFound()
    return version


def compare_versions(book_id: UUID) -> ResponseReturnValue:
    """Rule by rule; and, when asked for, in the prices that they make today."""
    detail = price_books.book(book_id)
    before, after = (
        _numbered(detail, request.args.get("from", "")),
        _numbered(detail, request.args.get("to", "")),
    )
    with_prices = request.args.get("prices", "") == "yes"
    lens = desk().lens(detail.book)
    return desk_page(
        "compare",
        detail=detail,
        book=detail.book,
        version=after,
        state=next(row.state for row in detail.versions if row.version is after),
        before=before,
        after=after,
        prices=price_changes.price_changes(before.id, after.id, lens, desk().market) if with_prices else None,
        **rule_diff(detail, before, after),
    )


def rule_diff(
    detail: price_books.BookDetail, before: PriceBookVersion, after: PriceBookVersion, most: int = 200
) -> dict[str, Any]:
    """What the table of changed rules needs. Two statements."""
    changes = price_changes.rule_changes(before.id, after.id, most=most)
    ids = [id_ for row in changes for id_ in (row.was_id, row.becomes_id) if id_]
    rules = price_lines.rules_by_id(ids)
    return {
        "changes": changes,
        "rule_words": lambda id_: words_of(rules[id_], detail.book) if id_ in rules else "",
        "selector_words": SELECTOR_WORDS,
    }


def return_to_version(book_id: UUID, number: int) -> ResponseReturnValue:
    """A draft with the rules of an earlier version; its page shows what publishing it would move."""
    detail = price_books.book(book_id)
    version = next((row.version for row in detail.versions if row.version.number == number), None)
    if version is None:
        raise NotFound()
    draft = return_to(version, by=g.arrival.actor)
    flash(
        _(
            "Version %(n)s has the rules of version %(old)s. Look at what it moves, then publish it.",
            n=draft.number,
            old=number,
        ),
        "good",
    )
    return see_other(".publish_draft", book_id=book_id)
