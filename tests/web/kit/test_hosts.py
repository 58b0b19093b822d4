"""Which hosts answer, and with what (attacks A-01 to A-09): exact verified names, and nothing else."""

import pytest


def test_a_shop_answers_on_its_own_host(browser_for, acme):
    assert browser_for(host=acme.host).get("/sign-in").status == 200


@pytest.mark.parametrize("host", ["evil.test", "acme.localhost.evil.test", "xacme.localhost", "localhost"])
def test_an_unknown_host_gets_the_same_plain_404_as_any_other(browser_for, acme, host):
    page = browser_for(host=host).get("/sign-in")
    assert page.status == 404
    assert page.response.content_type.startswith("text/plain")
    assert "Set-Cookie" not in page.response.headers
    assert "Acme" not in page.html
