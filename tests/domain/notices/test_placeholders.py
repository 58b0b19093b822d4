"""The texts of mails: named placeholders, one pass, nothing else (G-09, G-11)."""

import pytest

from app.domain.notices.actions.templates import check_wording
from app.domain.notices.kinds import GROUPS, KINDS
from app.domain.notices.kinds.kind import PLACES, TAGS, WORDS
from app.domain.notices.rules.placeholders import Paragraph, Place, fill, paragraphs

ORDER = KINDS["order_refused"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_every_kinds_own_words_could_be_saved(kind):
    assert check_wording(kind, kind.subject, kind.body) == {}
    assert set(kind.known) <= set(WORDS) | set(PLACES)
    assert kind.tag in TAGS
    assert kind.group is None or kind.group in GROUPS or kind.group == "summary"
    assert not [
        name for name in ("why", "line", "button") if set(_names(getattr(kind, name))) - set(kind.known)
    ]


def _names(text: str) -> list[str]:
    from app.domain.notices.rules.placeholders import names_in

    return names_in(text)


@pytest.mark.parametrize(
    "typed",
    ["{{7*7}}", "{% if x %}", "${total}x", "<%= 1 %>", "{}", "{ }", "100 % {7*7}", "%(order_number)s"],
)
def test_what_other_languages_would_run_is_literal(typed):
    assert not [name for name in check_wording(ORDER, "A", typed) if "${" not in typed]
    assert fill(typed, {"total": "9"}) == typed.replace("{total}", "9")


@pytest.mark.parametrize(
    "typed",
    [
        "{event.__init__.__code__}",
        "{0.__class__}",
        "{customer}",
        "{ order_number.x }",
        "{order_number!r}",
        "{Total}",
    ],
)
def test_what_is_no_placeholder_of_this_mail_is_refused_when_saved(typed):
    assert "There is no placeholder" in check_wording(ORDER, "A", typed)["body"]
    assert "subject" in check_wording(ORDER, typed, "b")


def test_values_are_filled_in_once_and_never_looked_at_again():
    values = {"company_name": "{order_number}", "order_number": "{company_name}"}
    assert fill("{company_name} {order_number} {other}", values) == "{order_number} {company_name} {other}"


def test_a_paragraph_about_something_there_is_not_is_left_out():
    body = "Hello.\n\nThe reason: {reason}\n\n{order_lines}\n\nBye."
    assert paragraphs(body, {"reason": ""}, ("order_lines",)) == [
        Paragraph("Hello."), Place("order_lines"), Paragraph("Bye."),
    ]  # fmt: skip
    assert Paragraph("The reason: late") in paragraphs(body, {"reason": "late"}, ("order_lines",))


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [
        ("", "b", "subject"),
        ("a\nBcc: x@y.example", "b", "subject"),
        ("a" * 151, "b", "subject"),
        ("{order_lines}", "b", "subject"),
        ("a", " ", "body"),
        ("a", "b" * 6001, "body"),
        ("a", "{total} " * 61, "body"),
        ("a", "see {order_lines} here", "body"),
        ("a", "b\0", "body"),
    ],
)
def test_a_text_has_its_bounds(subject, body, field):
    assert list(check_wording(ORDER, subject, body)) == [field]


def test_an_invitation_keeps_its_way_in():
    assert "nobody gets in" in check_wording(KINDS["invitation"], "Come", "Hello")["body"]
