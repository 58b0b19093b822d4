"""The brand studio: what is typed shows before it is saved, what cannot be read is refused with the nearest that can."""

from io import BytesIO

from PIL import Image

from app.domain.tenants.models import StoredImage, Tenant


def picture(colour="navy"):
    file = BytesIO()
    Image.new("RGB", (64, 32), colour).save(file, "PNG")
    file.seek(0)
    return file


def test_colours_words_and_logo_are_saved_and_worn(browser_for, in_scope, otto, acme):
    browser = browser_for(otto)
    browser.get("/admin/brand")
    page = browser.submit(
        "Save and show in the shop",
        brand_color="#7a1fa2",
        headline="Clouds, by the hour",
        logo_file=(picture(), "logo.png"),
    )
    assert "wears its new brand" in page.text
    with in_scope(otto) as current:
        tenant = current.get(Tenant, acme.id)
        assert tenant.brand["brand_color"] == "#7a1fa2"
        assert tenant.brand_digest
        assert current.query(StoredImage).one().digest == tenant.brand["logo"]
    shop = browser_for(host=acme.host)
    assert "Clouds, by the hour" in shop.get("/").text


def test_a_pale_colour_is_refused_with_the_nearest_and_one_press_uses_it(browser_for, otto):
    browser = browser_for(otto)
    browser.get("/admin/brand")
    page = browser.submit("Save and show in the shop", brand_color="#ffd54a", headline="Kept words")
    assert page.status == 422
    assert "Too pale to read" in page.one("#brand_color-error").text
    nearest = page.one("[name=use_brand_color]")["value"]
    page = browser.submit("#brand-form", nearest)
    assert page.status == 200
    assert page.one("#brand_color")["value"] == nearest
    assert page.one("#headline")["value"] == "Kept words"
    assert "wears its new brand" in browser.submit("Save and show in the shop").text


def test_the_preview_shows_the_draft_and_changes_nothing(browser_for, in_scope, otto, acme):
    browser = browser_for(otto)
    page = browser.get("/admin/brand/preview?theme=market&brand_color=%23123456&headline=Only+a+draft")
    assert "Only a draft" in page.text
    assert page.one("body").has_attr("inert")
    assert "frame-ancestors 'self'" in page.response.headers["Content-Security-Policy"]
    sheet = page.one("link[href^='/admin/brand/preview.css']")["href"]
    assert "#123456" in browser.get(sheet).html
    with in_scope(otto) as current:
        assert current.get(Tenant, acme.id).theme == "base"


def test_only_the_preview_may_be_framed(browser_for, otto):
    page = browser_for(otto).get("/admin/brand")
    assert "frame-ancestors 'none'" in page.response.headers["Content-Security-Policy"]


def test_the_preview_button_works_without_scripts_and_shows_a_chosen_logo(browser_for, otto):
    browser = browser_for(otto)
    browser.get("/admin/brand")
    page = browser.submit(
        "#brand-form", "Preview", headline="Plain form", logo_file=(picture("red"), "logo.png")
    )
    assert page.path == "/admin/brand/preview"
    assert "Plain form" in page.text
    assert browser.get(page.one("img.logo")["src"]).response.mimetype == "image/png"


def test_nonsense_in_the_preview_falls_back_to_what_is_worn(browser_for, otto):
    page = browser_for(otto).get(
        "/admin/brand/preview?theme=nowhere&brand_color=url(x)&corner=99&headline=" + "x" * 500
    )
    assert page.status == 200
    assert "Cloud services, ready when you are" in page.text


def test_bad_pictures_are_refused_with_a_sentence(browser_for, otto):
    browser = browser_for(otto)
    for data, words in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"just a text", "not a picture"),
        (b"", "empty"),
    ):
        browser.get("/admin/brand")
        answer = browser.open(
            "POST",
            "/admin/brand/pictures",
            data={"picture": (BytesIO(data), "logo.png"), **browser.csrf()},
            content_type="multipart/form-data",
        )
        assert answer.status == 422
        assert words in answer.response.json["message"]


def test_a_theme_is_tried_on_before_it_is_chosen(browser_for, in_scope, otto, acme):
    browser = browser_for(otto)
    browser.get("/admin/brand")
    page = browser.follow("Market")
    assert page.one("#stripe")["value"] == "28"
    browser.submit("Save and show in the shop", stripe="40")
    with in_scope(otto) as current:
        tenant = current.get(Tenant, acme.id)
        assert (tenant.theme, tenant.brand["stripe"]) == ("market", "40")


def test_the_company_profile_is_saved_and_stands_in_the_footer(browser_for, otto, acme):
    browser = browser_for(otto)
    browser.get("/admin/company")
    page = browser.submit("Save", name="Acme Cloud", legal_name="Acme Cloud GmbH", website="acme.example")
    assert page.status == 422
    assert "https://" in page.one("#website-error").text
    page = browser.submit("Save", website="https://acme.example")
    assert page.status == 200
    assert "Acme Cloud GmbH" in browser_for(host=acme.host).get("/").text


def test_sales_does_not_dress_the_shop(browser_for, sam):
    browser = browser_for(sam)
    for path in ("/admin/brand", "/admin/brand/preview", "/admin/brand/preview.css", "/admin/company"):
        assert browser.get(path).status == 403, path
