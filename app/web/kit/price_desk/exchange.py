"""Rules and lines as files: taken along, changed in a spreadsheet, and brought back into a draft after a look at what changes."""

import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask import flash, g, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import tables, unit
from app.core.errors import Invalid, NotFound
from app.domain.pricing.actions import importing
from app.domain.pricing.models import PriceBookVersion
from app.domain.pricing.rules.checks import RuleInput
from app.domain.pricing.rules.rule_rows import RULE_HEADINGS
from app.domain.pricing.spreadsheets import MAX_BYTES, read_sheet
from app.domain.reports.queries import price_books, price_export, price_lines
from app.web.kit.forms import FileField, Form
from app.web.kit.pages import see_other
from app.web.kit.price_desk.desk import desk, desk_form, desk_page
from app.web.kit.price_desk.grid import draft_of_detail, narrowing_asked
from app.web.kit.price_rules import SELECTOR_WORDS, words_of_input

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MAX_UPLOAD = MAX_BYTES + 100_000
SHOWN = 100


class FileForm(Form):
    """A file of rules or of lines."""

    file = FileField(_l("File"))


def _version(detail: price_books.BookDetail) -> PriceBookVersion:
    number = request.args.get("version", "")
    version = detail.version(int(number) if number.isdecimal() and len(number) < 6 else None)
    if version is None:
        raise NotFound()
    return version


def export_rules_csv(book_id: UUID) -> ResponseReturnValue:
    """All rules of a version; brought back unchanged, nothing changes."""
    return _rules(book_id, "csv")


def export_rules_xlsx(book_id: UUID) -> ResponseReturnValue:
    """The same as a workbook."""
    return _rules(book_id, "xlsx")


def export_lines_csv(book_id: UUID) -> ResponseReturnValue:
    """The lines as they are narrowed down, with what they cost and are asked, and the rules of their own to edit."""
    return _lines(book_id, "csv")


def export_lines_xlsx(book_id: UUID) -> ResponseReturnValue:
    """The same as a workbook."""
    return _lines(book_id, "xlsx")


def _rules(book_id: UUID, kind: str) -> ResponseReturnValue:
    detail = price_books.book(book_id)
    version = _version(detail)
    return _file(f"rules-v{version.number}", kind, RULE_HEADINGS, price_export.rule_rows(version.id))


def _lines(book_id: UUID, kind: str) -> ResponseReturnValue:
    detail = price_books.book(book_id)
    version, lens, with_cost = _version(detail), desk().lens(detail.book), desk().may_see_cost
    rows = price_export.line_rows(narrowing_asked(), version.id, lens, with_cost=with_cost)
    return _file(f"lines-v{version.number}", kind, price_export.line_headings(with_cost), rows)


def _file(
    name: str, kind: str, headings: Sequence[str], rows: Iterable[Sequence[tables.Value]]
) -> ResponseReturnValue:
    file = io.BytesIO()
    if kind == "csv":
        tables.write_csv(file, headings, rows)
    else:
        tables.write_xlsx(file, name, headings, rows)
    file.seek(0)
    answer = send_file(
        file, mimetype=KINDS[kind], as_attachment=True, download_name=f"{name}.{kind}", max_age=None
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def import_file(book_id: UUID) -> ResponseReturnValue:
    """Reads a file. What is wrong in it is told by line and column; else its diff is shown before anything changes."""
    detail = price_books.book(book_id)
    draft_of_detail(detail)
    form, troubles = FileForm(), []
    if form.taken():
        given = form.file.data
        try:
            if not given or not given.filename:
                raise Invalid({"file": _("Choose a file.")})
            sheet = read_sheet(given.stream.read(MAX_UPLOAD), given.filename)
            read, troubles = (importing.read_rules if "for" in sheet.headings else importing.read_lines)(
                sheet
            )
            if read is not None:
                upload = importing.keep_upload(
                    detail.book, read, file_name=given.filename, by=g.arrival.actor
                )
                return see_other(".take_file", book_id=book_id, upload_id=upload.id)
            form.file.errors = [
                _("Nothing was taken over. Mend what is listed below and hand the file in again.")
            ]
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
    return desk_form(
        "import",
        form,
        detail=detail,
        book=detail.book,
        version=detail.draft,
        state="draft",
        troubles=troubles[: importing.MOST_TROUBLES],
        more=max(0, len(troubles) - importing.MOST_TROUBLES),
    )


def take_file(book_id: UUID, upload_id: UUID) -> ResponseReturnValue:
    """Shows what the file changes in the draft; then takes all of it over."""
    detail = price_books.book(book_id)
    draft = draft_of_detail(detail)
    upload, read = importing.upload_of(detail.book, upload_id)
    form = Form()
    if form.taken():
        found = importing.take_upload(detail.book, upload_id, draft, by=g.arrival.actor)
        flash(
            _("Taken over: %(added)s new rules, %(changed)s changed, %(removed)s taken out.",
              added=found.added, changed=found.changed, removed=found.removed),
            "good",
        )  # fmt: skip
        return see_other(".show_book", book_id=book_id, version=draft.number)
    found = importing.difference(draft, read)
    shown = found.changes[:SHOWN]
    names = price_lines.names_of([one for pair in shown for one in pair if one is not None])
    return desk_page(
        "import_diff",
        detail=detail,
        book=detail.book,
        version=draft,
        state="draft",
        form=form,
        upload=upload,
        found=found,
        changes=[_shown(was, becomes, names, detail) for was, becomes in shown],
    )


def _shown(
    was: RuleInput | None, becomes: RuleInput | None, names: Any, detail: price_books.BookDetail
) -> dict[str, Any]:
    rule = becomes or was
    assert rule is not None
    return {
        "name": names.get((rule.selector, rule.target_id), "") or _("Everything else"),
        "selector": SELECTOR_WORDS[rule.selector],
        "rule": rule,
        "was": words_of_input(was, detail.book) if was else "",
        "becomes": words_of_input(becomes, detail.book) if becomes else "",
    }
