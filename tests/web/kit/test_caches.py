"""Behind a cache that many shops share: what may be stored says the same wherever it is asked for."""

import re

from tests.support.shopping import Shopping

LINKED = re.compile(r'(?:href|src)="(/[^"#]*\.[a-z0-9]{2,5})"')


def test_no_two_shops_share_a_cached_byte_that_differs(app, browser_for, seeds):
    Shopping(app).offer("10.00")
    browsers = [browser_for(seeds.meet(name)) for name in ("ann", "tess")]
    strangers = [browser_for(host=browser.host) for browser in browsers]
    found: set[str] = set()
    for browser in (*browsers, *strangers):
        for path in ("/", "/catalogue", "/sign-in"):
            page = browser.get(path)
            said = page.response.headers["Cache-Control"]
            assert "no-store" in said or "private" in said, f"{path} may be stored for others"
            found.update(LINKED.findall(page.html))
    found = {url for url in found if "/export." not in url}
    assert any(url.startswith("/theme/") for url in found), "the crawl finds too little"
    for url in sorted(found):
        answers = [stranger.get(url).response for stranger in strangers]
        stored = [one for one in answers if "public" in one.headers.get("Cache-Control", "")]
        assert stored, f"{url} is stored nowhere"
        assert all(one.status_code == 200 for one in stored)
        assert len({one.data for one in stored}) == 1, f"{url} differs from shop to shop and may be stored"
