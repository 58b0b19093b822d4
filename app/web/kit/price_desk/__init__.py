"""The price-book desk: every page on which books are made, ruled, looked at, published and compared.

A door opens it with `open_desk`: the reseller's console for what customers pay, the distributor's for what resellers pay.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g

from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import export_list
from app.web.kit.listing import asked
from app.web.kit.price_desk import books, exchange, grid, log, publishing, rules, versions
from app.web.kit.price_desk.desk import Desk

View = Callable[..., Any]
READ, EDIT = "read", "edit"
GET, POST, BOTH = ["GET"], ["POST"], ["GET", "POST"]
BOOK = "/<uuid:book_id>"

ROUTES: list[tuple[str, list[str], str, View]] = [
    ("", GET, READ, books.list_books),
    ("/new", BOTH, EDIT, books.make_book),
    ("/log", GET, READ, log.show_log),
    ("/log.csv", GET, READ, log.export_log),
    (BOOK, GET, READ, books.show_book),
    (f"{BOOK}/name", BOTH, EDIT, books.rename_book),
    (f"{BOOK}/archive", BOTH, EDIT, books.archive_book),
    (f"{BOOK}/lines", GET, READ, grid.show_lines),
    (f"{BOOK}/lines/changes", BOTH, EDIT, grid.change_lines),
    (f"{BOOK}/lines/<uuid:offer_id>", POST, EDIT, grid.change_line),
    (f"{BOOK}/lines/<uuid:offer_id>/removal", POST, EDIT, grid.clear_line),
    (f"{BOOK}/rules.csv", GET, READ, exchange.export_rules_csv),
    (f"{BOOK}/rules.xlsx", GET, READ, exchange.export_rules_xlsx),
    (f"{BOOK}/lines.csv", GET, READ, exchange.export_lines_csv),
    (f"{BOOK}/lines.xlsx", GET, READ, exchange.export_lines_xlsx),
    (f"{BOOK}/import", BOTH, EDIT, exchange.import_file),
    (f"{BOOK}/import/<uuid:upload_id>", BOTH, EDIT, exchange.take_file),
    (f"{BOOK}/draft", POST, EDIT, rules.start_draft),
    (f"{BOOK}/draft/removal", BOTH, EDIT, publishing.discard_draft),
    (f"{BOOK}/rules/new", BOTH, EDIT, rules.add_rule),
    (f"{BOOK}/rules/<uuid:rule_id>", BOTH, EDIT, rules.change_rule),
    (f"{BOOK}/rules/<uuid:rule_id>/removal", POST, EDIT, rules.remove_rule),
    (f"{BOOK}/publication", BOTH, EDIT, publishing.publish_draft),
    (f"{BOOK}/versions", GET, READ, versions.show_versions),
    (f"{BOOK}/comparison", GET, READ, versions.compare_versions),
    (f"{BOOK}/versions/<int:number>/return", POST, EDIT, versions.return_to_version),
    (f"{BOOK}/versions/<int:number>/withdrawal", POST, EDIT, publishing.withdraw_version),
]
"""Address below the desk's home, methods, what one must be allowed, and the view."""


def open_desk(name: str, import_name: str, desk: Desk) -> Area:
    """A door's area with all pages of the desk, under `desk.home`."""
    area = Area(name, import_name, side=PLATFORM, url_prefix=desk.home)
    for rule, methods, need, view in ROUTES:
        can = desk.read if need == READ else desk.edit
        body = exchange.MAX_UPLOAD if view is exchange.import_file else None
        area.route(rule, can=can, methods=methods, endpoint=view.__name__, max_body=body)(_seated(view, desk))
    export_list(
        area,
        "",
        can=desk.read,
        named="price-books",
        rows=_seated(lambda: books.books_found(asked().whole()), desk),
        columns=books.COLUMNS,
    )
    return area


def _seated(view: View, desk: Desk) -> View:
    @wraps(view)
    def seated(**values: object) -> Any:
        g.desk = desk
        return view(**values)

    return seated
