"""Words that the shop says instead of ours, one table per language."""

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.core.errors import Invalid
from app.core.language import LANGUAGES, nearest, shop_sentences
from app.domain.tenants import actions as tenants
from app.domain.tenants.rules.words import LONGEST, renamed
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.pages import form_page

area = Area("admin_words", __name__, side=PLATFORM, url_prefix="/admin/words")


class WordForm(Form):
    """One line of the table."""

    word = StringField(_l("Word"))
    replacement = StringField(_l("Your shop says"))


@area.route("", methods=["GET", "POST"], can="brand:edit")
def edit_words() -> ResponseReturnValue:
    """The table of one language; POST adds a line or changes it."""
    language = _language()
    form = WordForm()
    if form.taken():
        try:
            tenants.rename_word(
                tenants.find(g.arrival.shop.id),
                language,
                form.word.data or "",
                form.replacement.data or "",
                shop_sentences(language),
                g.arrival.actor,
            )
            flash(_("Your shop and its mails say it from now on."), "good")
            return _back(language)
        except Invalid as invalid:
            form.blame(invalid)
    own = dict(g.arrival.shop.words.get(language) or {})
    return form_page(
        "admin/words.html",
        form,
        language=language,
        languages=LANGUAGES,
        longest=LONGEST,
        rows=[(word, new, *_shown(word, own, language)) for word, new in sorted(own.items())],
    )


@area.post("/removal", can="brand:edit")
def forget_word() -> ResponseReturnValue:
    """The usual word again."""
    language = _language()
    tenants.forget_word(
        tenants.find(g.arrival.shop.id), language, request.form.get("word", ""), g.arrival.actor
    )
    flash(_("The shop says the usual word again."), "good")
    return _back(language)


def _shown(word: str, own: dict[str, str], language: str) -> tuple[int, str]:
    """In how many sentences a word stands, and the shortest of them as it reads now."""
    hits = [one for one in shop_sentences(language) if renamed(one, {word: "\0"}) != one]
    return len(hits), renamed(min(hits, key=len), own) if hits else ""


def _language() -> str:
    return nearest(request.values.get("language", "") or g.arrival.shop.locale)


def _back(language: str) -> ResponseReturnValue:
    return redirect(url_for(".edit_words", language=language), 303)
