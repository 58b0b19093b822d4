"""Who is known here cannot be found out, and passwords cannot be ground down; nor can anybody be locked out (P17)."""

import re
import statistics
import time
from datetime import timedelta

import pytest

from app.core import clock
from app.domain.people import budgets
from tests.support.seeding import PASSWORD

NOBODY = "nobody@nimbus.example"


def _plain(page) -> str:
    """The page without what differs at every request: the CSRF token."""
    return re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "", page.html)


@pytest.mark.parametrize("path", ["/sign-in", "/forgotten-password"])
def test_known_and_unknown_addresses_get_the_same_answer(browser_for, ann, path):
    answers = []
    for email in (ann.email, NOBODY):
        browser = browser_for(host=ann.host)
        browser.get(path)
        more = {"password": "not the password"} if path == "/sign-in" else {}
        page = browser.submit(email=email, **more)
        headers = [name for name, _ in page.response.headers]
        answers.append((page.status, page.hops, headers, _plain(page).replace(email, "…")))
    assert answers[0] == answers[1]


def test_known_and_unknown_addresses_are_held_back_alike(browser_for, ann):
    counts = []
    for email in (ann.email, NOBODY):
        browser = browser_for(host=ann.host, address=f"10.0.0.{len(counts) + 1}")
        browser.get("/sign-in")
        tried = 0
        while (page := browser.submit("", email=email, password="not the password")).status == 422:
            tried += 1
        assert page.status == 429
        assert 0 < int(page.response.headers["Retry-After"]) <= 901
        assert "Try again in" in page.text
        counts.append(tried)
    assert counts == [budgets.SIGN_IN_HERE.attempts] * 2


def _z_of(ours: list[float], others: list[float]) -> float:
    """Mann–Whitney's U as a z value: beyond 3 the two are told apart."""
    wins = sum((a > b) + 0.5 * (a == b) for a in ours for b in others)
    n, m = len(ours), len(others)
    return float((wins - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5)


def _times(app, browser_for, host, path, email, pairs, monkeypatch) -> tuple[list[float], list[float]]:
    wide = {name: budgets.Limit(f"wide-{name}", 10**6, timedelta(hours=1)) for name in ("a", "b", "c")}
    monkeypatch.setattr(budgets, "SIGN_IN_HERE", wide["a"])
    monkeypatch.setattr(budgets, "SIGN_IN_ADDRESS", wide["b"])
    monkeypatch.setattr(budgets, "SIGN_IN_ACCOUNT", wide["c"])
    monkeypatch.setattr(budgets, "LINK_ADDRESS", wide["a"])
    monkeypatch.setattr(budgets, "LINK_ACCOUNT", wide["b"])
    browser = browser_for(host=host)
    browser.get(path)
    token = browser.csrf()
    taken: dict[str, list[float]] = {email: [], NOBODY: []}
    more = {"password": "not the password"} if "sign-in" in path else {}
    for _ in range(pairs):
        for who in (email, NOBODY):
            start = time.thread_time()  # this process alone: others on the machine do not disturb
            browser.post(path, {"email": who, **more, **token}, follow=False)
            taken[who].append(time.thread_time() - start)
    return taken[email], taken[NOBODY]


@pytest.mark.parametrize("path", ["/sign-in", "/forgotten-password"])
def test_known_and_unknown_addresses_take_the_same_time(app, browser_for, ann, path, monkeypatch):
    known, unknown = _times(app, browser_for, ann.host, path, ann.email, 40, monkeypatch)
    # a difference that a hash makes is 40 ms; what is left is noise of a few percent
    assert abs(statistics.median(known) - statistics.median(unknown)) < 0.25 * statistics.median(unknown)


@pytest.mark.full
@pytest.mark.parametrize("path", ["/sign-in", "/forgotten-password"])
def test_many_timings_cannot_tell_known_from_unknown(app, browser_for, ann, path, monkeypatch):
    known, unknown = _times(app, browser_for, ann.host, path, ann.email, 300, monkeypatch)
    assert abs(_z_of(known, unknown)) < 3


def test_without_the_hash_for_nobody_the_time_would_tell(app, browser_for, ann, monkeypatch):
    """The mutant: refusing an unknown address at once."""
    from app.domain.people import passwords

    honest = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda word, kept: bool(kept) and honest(word, kept))
    known, unknown = _times(app, browser_for, ann.host, "/sign-in", ann.email, 12, monkeypatch)
    assert abs(statistics.median(known) - statistics.median(unknown)) > 0.25 * statistics.median(unknown)
    assert abs(_z_of(known, unknown)) > 3


def test_guesses_from_everywhere_do_not_keep_the_owner_out(browser_for, ann):
    for number in range(budgets.SIGN_IN_ACCOUNT.attempts + 15):
        robber = browser_for(host=ann.host, address=f"198.51.100.{number}")
        robber.get("/sign-in")
        assert robber.submit(email=ann.email, password=f"guess number {number}").status == 422
    again = robber.submit(email=ann.email, password="one more guess")
    assert again.status == 429, "an address that has failed is closed as soon as the account is under attack"
    owner = browser_for(host=ann.host, address="203.0.113.9")
    owner.get("/sign-in")
    assert owner.submit(follow=False, email=ann.email, password=PASSWORD).status == 303


def test_a_browser_that_was_here_before_gets_in_from_the_attackers_own_address(browser_for, ann):
    owner = browser_for(host=ann.host, address="10.1.1.1")
    owner.get("/sign-in")
    owner.submit(email=ann.email, password=PASSWORD)
    owner.get("/profile")
    owner.submit("/sign-out")
    robber = browser_for(host=ann.host, address="10.1.1.1")
    robber.get("/sign-in")
    for _ in range(budgets.SIGN_IN_HERE.attempts):
        robber.submit("", email=ann.email, password="not the password")
    assert robber.submit("", email=ann.email, password=PASSWORD).status == 429
    owner.get("/sign-in")
    assert owner.submit(follow=False, email=ann.email, password=PASSWORD).status == 303


def test_a_known_browser_is_no_way_round_the_limits(browser_for, ann):
    browser = browser_for(host=ann.host)
    browser.get("/sign-in")
    browser.submit(email=ann.email, password=PASSWORD)
    browser.get("/profile")
    browser.submit("/sign-out")
    browser.get("/sign-in")
    form = {"email": ann.email, "password": "guess"} | browser.csrf()
    statuses = [browser.post("/sign-in", form).status for _ in range(12)]
    assert statuses == [422] * budgets.SIGN_IN_DEVICE.attempts + [429] * (
        12 - budgets.SIGN_IN_DEVICE.attempts
    )


def test_a_success_gives_the_attempts_back(browser_for, ann):
    for _ in range(3):
        browser = browser_for(host=ann.host)
        browser.get("/sign-in")
        for _ in range(budgets.SIGN_IN_HERE.attempts - 1):
            browser.submit(email=ann.email, password="guess")
        assert browser.submit(follow=False, email=ann.email, password=PASSWORD).status == 303


def test_a_forged_forwarded_for_is_no_new_address(browser_for, ann):
    browser = browser_for(host=ann.host)
    browser.get("/sign-in")
    form = {"email": ann.email, "password": "guess"} | browser.csrf()
    statuses = [
        browser.post("/sign-in", form, headers={"X-Forwarded-For": f"10.9.8.{number}"}).status
        for number in range(7)
    ]
    assert statuses[-1] == 429


def test_an_ipv6_line_is_one_address(browser_for, ann):
    statuses = []
    for number in range(7):
        browser = browser_for(host=ann.host, address=f"2001:db8:1:2::{number:x}")
        browser.get("/sign-in")
        statuses.append(browser.submit(email=ann.email, password="guess").status)
    assert statuses[-1] == 429


def test_asking_for_mails_over_and_over_sends_three_and_says_the_same(browser_for, ann, worker, mailbox):
    browser = browser_for(host=ann.host)
    for _ in range(5):
        browser.get("/forgotten-password")
        assert "a mail with a link is on its way" in browser.submit(email=ann.email).text
        worker()
    assert len(mailbox.to(ann.email)) == budgets.LINK_ACCOUNT.attempts
    with clock.at(clock.now() + timedelta(hours=1, minutes=1)):
        browser.get("/forgotten-password")
        browser.submit(email=ann.email)
        worker()
    assert len(mailbox.to(ann.email)) == budgets.LINK_ACCOUNT.attempts + 1


def test_guessing_tokens_is_held_back(browser_for, ann):
    browser = browser_for(host=ann.host)
    statuses = {
        browser.get(f"/new-password/guess-{number}").status
        for number in range(budgets.TOKEN_ADDRESS.attempts)
    }
    assert statuses == {404}
    assert browser.get("/new-password/one-more").status == 429
