"""The reseller's own mails: the list with tags, and one kind with its settings, its words per language, preview and test."""

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from app.core.errors import Invalid
from app.core.language import LANGUAGES, nearest
from app.domain.notices import actions, queries
from app.domain.notices.actions.templates import check_wording, find_kind
from app.domain.notices.kinds import Kind
from app.domain.notices.kinds.kind import PLACES, TAGS, WORDS
from app.domain.notices.queries.templates import with_own
from app.domain.notices.rules.placeholders import MAX_BODY, MAX_SUBJECT
from app.domain.notices.samples import preview
from app.domain.people.queries import person as find_person
from app.domain.tenants import actions as tenants
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.letters import letter_page
from app.web.kit.listing import asked
from app.web.kit.pages import page

area = Area("admin_email_templates", __name__, side=PLATFORM, url_prefix="/admin/email-templates")


class SettingsForm(Form):
    """How one kind is sent, whatever its words."""

    is_enabled = BooleanField(_l("Send this mail"))
    from_name = StringField(_l("Sender's name"))
    reply_to = StringField(_l("Answers go to"))
    bcc = StringField(_l("Hidden copy to"))


class WordingForm(Form):
    """Subject and body in one language; `language` says which, for the preview."""

    language = HiddenField()
    subject = StringField(_l("Subject"))
    body = TextAreaField(_l("Text"))


@area.get("", can="mail:edit")
def list_email_templates() -> ResponseReturnValue:
    """Every kind of mail, narrowed by tag, words, or what was changed."""
    ask = asked(tag=tuple(TAGS), only=("changed", "off"))
    rows = queries.template_rows()
    counts = {tag: sum(row.kind.tag == tag for row in rows) for tag in TAGS}
    shown = [row for row in rows if not ask["tag"] or row.kind.tag == ask["tag"]]
    if ask["only"] == "changed":
        shown = [row for row in shown if row.own_languages or row.has_settings]
    if ask["only"] == "off":
        shown = [row for row in shown if not row.is_enabled]
    if ask.q:
        words = ask.q.casefold()
        shown = [row for row in shown if words in f"{_(row.kind.title)} {_(row.kind.subject)}".casefold()]
    return page(
        "admin/email_templates/list.html",
        ask=ask,
        rows=shown,
        counts=counts,
        tags=TAGS,
        languages=LANGUAGES,
        total=len(rows),
    )


@area.route("/<kind_name>", can="mail:edit", methods=["GET", "POST"])
def edit_email_template(kind_name: str) -> ResponseReturnValue:
    """The words of one kind in one language; POST keeps them as the reseller's own."""
    kind, language = find_kind(kind_name), _language()
    form = _wording_form(kind, language)
    if form.taken():
        try:
            actions.save_wording(
                kind.name,
                language,
                subject=form.subject.data or "",
                body=form.body.data or "",
                by=g.arrival.actor,
            )
            flash(_("Your words are saved: this mail says them from now on."), "good")
            return _back(kind, language)
        except Invalid as invalid:
            form.blame(invalid)
    return _editor(kind, language, form, _settings_form(kind, formdata=None))


@area.post("/<kind_name>/settings", can="mail:edit")
def save_settings(kind_name: str) -> ResponseReturnValue:
    """Whether it is sent, in whose name, and where answers and copies go."""
    kind, language = find_kind(kind_name), _language()
    form = _settings_form(kind)
    if form.taken():
        try:
            actions.save_settings(
                kind.name,
                is_enabled=form.is_enabled.data or kind.must,
                from_name=form.from_name.data or "",
                reply_to=form.reply_to.data or "",
                bcc=form.bcc.data or "",
                by=g.arrival.actor,
            )
            flash(_("Saved."), "good")
            return _back(kind, language)
        except Invalid as invalid:
            form.blame(invalid)
    return _editor(kind, language, _wording_form(kind, language, formdata=None), form)


@area.post("/<kind_name>/default-words", can="mail:edit")
def reset_wording(kind_name: str) -> ResponseReturnValue:
    """Back to Awning's words in this language."""
    kind, language = find_kind(kind_name), _language()
    actions.reset_wording(kind.name, language, g.arrival.actor)
    flash(_("The mail says its usual words again."), "good")
    return _back(kind, language)


@area.post("/<kind_name>/test-mail", can="mail:edit")
def send_test_mail(kind_name: str) -> ResponseReturnValue:
    """What is saved, to oneself."""
    kind, language = find_kind(kind_name), _language()
    mail = actions.send_sample(kind.name, language, g.arrival.actor)
    flash(_("A test is on its way to %(email)s.", email=mail.to_email), "good")
    return _back(kind, language)


@area.route("/<kind_name>/preview", can="mail:edit", methods=["GET", "POST"])
def preview_email(kind_name: str) -> ResponseReturnValue:
    """The mail with the words in the form, about the newest real case. What cannot be taken yet is shown as it is saved."""
    kind, language = find_kind(kind_name), _language()
    own = queries.wording_of(kind, language)
    subject, body = (own.subject, own.body) if own else ("", "")
    typed = (request.values.get("subject", subject).strip(), request.values.get("body", body).strip())
    usual = queries.usual_words(kind, language)
    words = with_own(usual, *typed)
    faults = check_wording(kind, words.subject, words.body)
    if faults:
        words = with_own(
            usual, subject if "subject" in faults else typed[0], body if "body" in faults else typed[1]
        )
    reader = find_person(g.arrival.person.id)
    letter = preview(kind, words, language, tenants.find(g.arrival.shop.id), reader)
    return letter_page(letter.html)


def _editor(kind: Kind, language: str, form: WordingForm, settings: SettingsForm) -> ResponseReturnValue:
    rows = {row.kind.name: row for row in queries.template_rows()}
    return page(
        "admin/email_templates/edit.html",
        422 if form.has_errors or settings.has_errors else 200,
        kind=kind,
        row=rows[kind.name],
        form=form,
        settings=settings,
        language=language,
        languages=LANGUAGES,
        known=[(name, _(WORDS.get(name) or PLACES[name]), name in PLACES) for name in kind.known],
        tag=_(TAGS[kind.tag]),
        max_subject=MAX_SUBJECT,
        max_body=MAX_BODY,
    )


def _wording_form(kind: Kind, language: str, **options: object) -> WordingForm:
    own = queries.wording_of(kind, language)
    usual = queries.usual_words(kind, language)
    data = {"language": language, "subject": usual.subject, "body": usual.body}
    if own is not None:
        data |= {"subject": own.subject, "body": own.body}
    return WordingForm(data=data, **options)


def _settings_form(kind: Kind, **options: object) -> SettingsForm:
    row = queries.settings_of(kind)
    data = {"is_enabled": True}
    if row is not None:
        data = {
            "is_enabled": row.is_enabled,
            "from_name": row.from_name,
            "reply_to": row.reply_to,
            "bcc": row.bcc,
        }
    return SettingsForm(data=data, prefix="", **options)


def _language() -> str:
    return nearest(request.values.get("language", "") or g.arrival.shop.locale)


def _back(kind: Kind, language: str) -> ResponseReturnValue:
    return redirect(url_for(".edit_email_template", kind_name=kind.name, language=language), 303)
