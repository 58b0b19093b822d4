"""Languages: every sentence can be translated, the catalogues fit, pages and mails speak one language at a time, and from right
to left where that is how it is written. Words a shop renames are exchanged, escaped, in that shop alone.
"""

import re
from pathlib import Path

import pytest
from babel.support import NullTranslations

from app import translating
from app.core import language
from app.core.language import LANGUAGES, catalogue
from app.domain.notices.kinds import KINDS
from app.domain.notices.queries.templates import usual_words
from app.domain.people.models import Person
from app.domain.tenants.models import Tenant
from app.domain.tenants.rules.words import check, renamed
from tests.support.shopping import Shopping

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted([*ROOT.glob("themes/**/*.html"), *ROOT.glob("app/web/templates/**/*.html")])
NAMES = {"Awning", "Enter", "Esc", "Ctrl", "Shift", "SKU", "CSV", "PDF"}
"""Names of things, and of keys; the same in every language."""

UNTRANSLATED = 0.15
"""So much of a catalogue may be new since `flask translations update` was run last: it is said in English until then."""

SHOP_PAGES = (
    "/",
    "/catalogue",
    "/orders",
    "/subscriptions",
    "/cart",
    "/company",
    "/profile",
    "/notifications",
)


def bare_words(template: str) -> list[str]:
    """Words for people that stand in a template without being a sentence for translation."""
    text = re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)
    text = re.sub(r"\{% block (width|root_class) %\}.*?\{% endblock %\}", "", text)
    text = re.sub(r"\{%.*?%\}", "\x01", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", "\x01", text, flags=re.DOTALL)
    found = re.findall(r'\b(?:alt|title|aria-label|placeholder)="([^"\x01]*[A-Za-z]{2}[^"]*)"', text)
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>|&[a-z]+;", "\x01", text, flags=re.DOTALL)
    found += [piece.strip() for piece in text.split("\x01")]
    return [
        piece
        for piece in found
        if re.search(r"[A-Za-z]{2}", piece) and not set(re.findall(r"[A-Za-z]{2,}", piece)) <= NAMES
    ]


def test_no_bare_words_stand_in_templates():
    assert bare_words('<p>Hello <b>{{ name }}</b></p><img alt="A cat">') == ["A cat", "Hello"]
    found = {
        str(path.relative_to(ROOT)): words
        for path in TEMPLATES
        if "gallery" not in path.parts and (words := bare_words(path.read_text(encoding="utf-8")))
    }
    assert found == {"app/web/templates/html.html": ["https://"]} or found == {}


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_catalogue_fits_what_is_said(code):
    found = translating.collected()
    wanted = translating.wanted_in(code, found)
    lacking = translating.missing(code, found)
    assert len(lacking) <= UNTRANSLATED * len(wanted), lacking[:20]
    known = translating.read(code)
    spoiled = [
        message.id
        for message in wanted
        if (one := known.get(message.id)) and one.string and any(_texts(one.string))
        if not translating._is_good(message, one)
    ]
    assert spoiled == [], "another placeholder than the sentence has"


def _texts(string) -> list[str]:
    return [string] if isinstance(string, str) else list(string)


@pytest.mark.full
def test_every_language_has_every_sentence():
    lacking = {code: translating.missing(code, translating.collected()) for code in LANGUAGES}
    assert not any(lacking.values()), lacking


class Listening(NullTranslations):
    """A catalogue that notes what it is asked for and does not have."""

    def __init__(self, code: str):
        super().__init__()
        self.inner, self.unknown = catalogue(code), set()

    def _note(self, message: str, said: str) -> str:
        if said == message and re.search(r"[a-z]{2} ", message) and message not in self.known:
            self.unknown.add(message)
        return said

    @property
    def known(self) -> set[str]:
        ids = [message.id for message in translating.collected() if message.id]
        return {one for item in ids for one in ([item] if isinstance(item, str) else item)}

    def ugettext(self, message):
        return self._note(message, self.inner.ugettext(message))

    def ungettext(self, one, many, count):
        said = self.inner.ungettext(one, many, count)
        return self._note(one, said) if count == 1 else self._note(many, said)


def _speak(in_scope, who, code: str) -> None:
    with in_scope() as session:
        session.get(Person, who.id).locale = code


def test_shop_pages_speak_every_language_and_say_nothing_that_was_never_collected(
    app, in_scope, browser_for, ann, monkeypatch
):
    shop = Shopping(app)
    shop.order(ann, [(shop.offer("10.00"), 3)])
    headings = {}
    for code in LANGUAGES:
        heard = Listening(code)
        monkeypatch.setattr("app.web.kit.language.catalogue", lambda _code, heard=heard: heard)
        _speak(in_scope, ann, code)
        browser = browser_for(ann)
        for path in SHOP_PAGES:
            page = browser.get(path)
            assert page.status == 200, (code, path)
            assert page.one("html")["lang"].startswith(code)
            assert page.one("html")["dir"] == "ltr"
        assert heard.unknown == set(), code
        headings[code] = browser.get("/orders").one("h1").text
    assert headings == {
        "en": "Orders", "de": "Bestellungen", "fr": "Commandes", "es": "Pedidos", "nl": "Bestellingen",
    }  # fmt: skip


def test_what_a_browser_asks_for_counts_for_strangers_and_the_shops_language_for_the_rest(
    app, in_scope, browser_for, ann
):
    client = app.test_client()
    there = {"base_url": "http://acme.localhost:8000"}
    with in_scope() as session:
        session.get(Tenant, ann.tenant_id).locale = "nl"
    for asked, spoken in (("fr-CA,fr;q=0.9,en;q=0.5", "fr"), ("ja", "nl"), ("", "nl")):
        html = client.get("/sign-in", headers={"Accept-Language": asked}, **there).text
        assert f'<html lang="{spoken}"' in html, asked


def test_an_error_the_domain_raises_is_said_in_the_readers_language(in_scope, browser_for, ann):
    _speak(in_scope, ann, "de")
    browser = browser_for(ann)
    assert "Hier ist nichts" in browser.get("/orders/O-1900-000001").text
    browser.get("/profile/password")
    refused = browser.submit(present="wrong", password="short", again="short")
    assert "Das ist nicht Ihr jetziges Passwort." in refused.text


def test_from_right_to_left(in_scope, browser_for, ann, monkeypatch):
    """A made-up Arabic: every letter of ours another one, placeholders left as they are."""
    letters = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه")

    class Pseudo(NullTranslations):
        def ugettext(self, message):
            return "".join(
                piece if piece.startswith(("%", "{", "<")) else piece.lower().translate(letters)
                for piece in re.split(r"(%\([a-z_]+\)[sd]|\{[a-z_]+\}|<[^>]*>)", message)
            )

        def ungettext(self, one, many, count):
            return self.ugettext(one if count == 1 else many)

    monkeypatch.setitem(language.LANGUAGES, "ar", "عربي")
    monkeypatch.setattr("app.web.kit.language.catalogue", lambda _code: Pseudo())
    _speak(in_scope, ann, "ar")
    page = browser_for(ann).get("/orders")
    assert (page.one("html")["dir"], page.one("html")["lang"]) == ("rtl", "ar")
    assert not re.search(r"[a-z]{3}", page.one("h1").text)


def test_styles_know_no_left_and_right():
    sides = re.compile(
        r"(margin|padding|border)-(left|right)\b|(?<![\w-])(left|right)\s*:|text-align:\s*(left|right)|float:\s*(left|right)"
    )
    sheets = [*ROOT.glob("app/web/static/css/*.css"), *ROOT.glob("themes/*/static/*.css")]
    assert sheets
    assert [str(path) for path in sheets if sides.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_mail_is_written_in_every_language(app, code):
    from app.connectors.mail.render import Writer
    from app.domain.notices.ports import Look

    look = Look("Acme", "#112233", "#ffffff", code, "Europe/Berlin", profile_url="x", unsubscribe_url="y")
    for kind in KINDS.values():
        words = usual_words(kind, code)
        if code != "en":
            assert words.body != kind.body, kind.name
        facts = dict.fromkeys(kind.words, "X") | {"link": "http://acme.localhost/"}
        letter = Writer().write(words, look, facts)
        assert "{" not in letter.subject + letter.text, kind.name
        assert f'lang="{code}"' in letter.html


# -- a shop's own words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Cart", "Basket"),
        ("Your cart is empty.", "Your basket is empty."),
        (
            "Carton %(cart)s {cart} <b class='cart'>cart</b>",
            "Carton %(cart)s {cart} <b class='cart'>basket</b>",
        ),
        ("Shopping cart", "Bag"),
    ],
)
def test_whole_words_are_exchanged_and_nothing_else(sentence, said):
    assert renamed(sentence, {"cart": "basket", "shopping cart": "bag"}) == said


@pytest.mark.parametrize(
    ("word", "replacement", "field"),
    [("", "x", "word"), ("<b>", "x", "word"), ("a b c d e", "x", "word"), ("cart", "", "replacement"),
     ("cart", "{x}", "replacement"), ("cart", "100 %", "replacement"), ("cart", "a\nb", "replacement")],
)  # fmt: skip
def test_a_line_of_the_table_is_plain_words(word, replacement, field):
    assert list(check(word, replacement)) == [field]


def test_a_shop_renames_a_word_escaped_and_for_itself_alone(browser_for, otto, ann, tess):
    console = browser_for(otto)
    console.get("/admin/words?language=en")
    assert console.submit("Say it so", word="Bucket", replacement="Pail").status == 422, "nobody says it"
    console.submit("Say it so", word="Cart", replacement='<i onclick="x">"basket" & co')
    shown = browser_for(ann).get("/cart")
    assert "&lt;i onclick=" in shown.html
    assert "<i onclick" not in shown.html
    assert '<I onclick="x">"basket" & co' in shown.text or '<i onclick="x">"basket" & co' in shown.text
    assert "basket" not in browser_for(tess).get("/cart").text
    console.get("/admin/words?language=en")
    console.submit("Remove")
    assert "basket" not in browser_for(ann).get("/cart").text
