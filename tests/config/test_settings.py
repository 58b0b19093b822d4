"""The settings: what is refused, what is derived, and that every problem is told at once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError

GOOD_KEY = "k9Xw2mQ7vB4tR8zL1pN6cJ3hF5dS0aGy"


def production(tmp_path: Path, **changes: str | None) -> dict[str, str]:
    environ = {
        "AWNING_ENV": "production",
        "SECRET_KEY": GOOD_KEY,
        "AWNING_DATA_DIR": str(tmp_path),
        "APP_DATABASE_URL": "postgresql://web:pw@db.example.com/awning",
        "AWNING_PLATFORM_HOST": "console.example.com",
        "AWNING_SHOP_SUFFIX": "shops.example.com",
        "AWNING_PROXY_HOPS": "1",
        "SMTP_HOST": "smtp.example.com",
        "MAIL_FROM": "Shop <shop@example.com>",
    } | changes
    return {name: value for name, value in environ.items() if value is not None}


def problems(environ: dict[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    return dict(caught.value.problems)


def test_a_newcomer_needs_to_set_nothing(tmp_path):
    settings = Settings.from_env({"AWNING_DATA_DIR": str(tmp_path)})
    assert (settings.env, settings.port, settings.scheme) == ("development", 8000, "http")
    assert settings.database_url is None
    assert settings.origin(settings.platform_host) == "http://console.localhost:8000"
    assert settings.origin(settings.shop_host("acme")) == "http://acme.localhost:8000"


def test_a_complete_production_is_accepted_and_its_links_carry_no_port(tmp_path):
    settings = Settings.from_env(production(tmp_path))
    assert settings.is_production
    assert settings.origin("console.example.com") == "https://console.example.com"
    assert settings.app_database_url == "postgresql+psycopg://web:pw@db.example.com/awning"
    assert not settings.holds_owner
    assert settings.smtp_starttls


def test_every_problem_is_told_at_once_with_its_variable_and_mend(tmp_path):
    environ = {
        "AWNING_ENV": "production",
        "AWNING_DEBUG": "1",
        "AWNING_DATA_DIR": "relative/folder",
        "AWNING_PORT": "eighty",
        "SECRET_KEY": "short",
        "DATABASE_URL": "mysql://u:p@h/d",
    }
    found = problems(environ)
    assert set(found) == {
        "AWNING_DEBUG",
        "AWNING_DATA_DIR",
        "AWNING_PORT",
        "SECRET_KEY",
        "DATABASE_URL",
        "APP_DATABASE_URL",
        "AWNING_PROXY_HOPS",
        "AWNING_PLATFORM_HOST",
        "AWNING_SHOP_SUFFIX",
        "SMTP_HOST",
        "MAIL_FROM",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    assert all(f"  {name}: " in str(caught.value) for name in found)


@pytest.mark.parametrize(
    "key",
    [
        None,
        "too-short",
        "a" * 64,
        "abcabcabcabcabcabcabcabcabcabcabcabc",
        "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
        "change-me-please-0123456789-abcdefghij",
    ],
)
def test_production_refuses_a_missing_short_known_or_guessable_secret(tmp_path, key):
    assert set(problems(production(tmp_path, SECRET_KEY=key))) == {"SECRET_KEY"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWNING_DEBUG", "1"),
        ("AWNING_SCHEME", "http"),
        ("AWNING_PROXY_HOPS", None),
        ("AWNING_PROXY_HOPS", "-1"),
        ("AWNING_PROXY_HOPS", "1_0"),
        ("AWNING_PORT", "٣"),
        ("AWNING_PORT", "70000"),
        ("AWNING_PLATFORM_HOST", "https://console.example.com"),
        ("AWNING_PLATFORM_HOST", "console.example.com:8000"),
        ("AWNING_PLATFORM_HOST", "console.localhost"),
        ("AWNING_PLATFORM_HOST", "shops.example.com"),
        ("AWNING_SHOP_SUFFIX", "under_score.example.com"),
        ("DATABASE_URL", "postgresql://db.example.com"),
        ("DATABASE_URL", "sqlite:///awning.db"),
        ("DATABASE_URL", "::::"),
        ("APP_DATABASE_URL", None),
        ("MAIL_FROM", "Shop"),
        ("AWNING_VENDOR_TIMEOUT", "nan"),
        ("AWNING_VENDOR_TIMEOUT", "1e9"),
        ("AWNING_SANDBOX_URL", "ftp://127.0.0.1"),
        ("AWNING_ENV", "prod"),
    ],
)
def test_production_refuses(tmp_path, name, value):
    assert name in problems(production(tmp_path, **{name: value}))


def test_an_unknown_environment_is_held_to_the_rules_of_production(tmp_path):
    found = problems({"AWNING_ENV": "staging", "AWNING_DATA_DIR": str(tmp_path)})
    assert {"AWNING_ENV", "SECRET_KEY"} <= set(found)


def test_user_and_password_of_the_mail_server_belong_together(tmp_path):
    assert set(problems(production(tmp_path, SMTP_USER="shop"))) == {"SMTP_PASSWORD"}
    assert set(problems(production(tmp_path, SMTP_PASSWORD="x"))) == {"SMTP_USER"}


def test_the_development_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = Settings.from_env({"AWNING_DATA_DIR": str(tmp_path / "var")})
    second = Settings.from_env({"AWNING_DATA_DIR": str(tmp_path / "var")})
    kept = tmp_path / "var" / "secret_key"
    assert first.secret_key == second.secret_key == kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_processes_that_start_together_agree_on_one_secret(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        found = pool.map(
            lambda _: Settings.from_env({"AWNING_DATA_DIR": str(tmp_path)}).secret_key, range(64)
        )
    assert len(set(found)) == 1


def test_a_damaged_kept_secret_is_told_and_not_used(tmp_path):
    (tmp_path / "secret_key").write_text("")
    assert "damaged" in problems({"AWNING_DATA_DIR": str(tmp_path)})["SECRET_KEY"]


def test_the_application_logs_in_with_a_role_of_its_own_whose_password_is_worked_out(tmp_path):
    environ = {
        "AWNING_DATA_DIR": str(tmp_path),
        "SECRET_KEY": GOOD_KEY,
        "DATABASE_URL": "postgresql://owner:pw@db.example.com/awning",
    }
    settings = Settings.from_env(environ)
    url = settings.app_url_for(str(settings.database_url))
    assert url == f"postgresql+psycopg://awning_app:{settings.app_role_password}@db.example.com/awning"
    assert "pw@" not in url
    other = Settings.from_env(environ | {"SECRET_KEY": GOOD_KEY[::-1]})
    assert other.app_role_password != settings.app_role_password


def test_a_given_application_login_is_used_as_it_is(tmp_path):
    given, owner = "postgresql://web:w@pool.example.com/awning", "postgresql://owner:pw@db.example.com/awning"
    settings = Settings.from_env(production(tmp_path, APP_DATABASE_URL=given, DATABASE_URL=owner))
    assert settings.app_url_for(str(settings.database_url)) == given.replace(
        "postgresql", "postgresql+psycopg", 1
    )


def test_a_production_is_told_the_login_of_web_and_worker(tmp_path):
    owner = "postgresql://owner:pw@db.example.com/awning"
    for changes in ({"DATABASE_URL": owner}, {}):
        refused = problems(production(tmp_path, APP_DATABASE_URL=None, **changes))
        assert "must be set in production" in refused["APP_DATABASE_URL"]
    refused = problems(production(tmp_path, APP_DATABASE_URL=owner, DATABASE_URL=owner))
    assert "owner's login" in refused["APP_DATABASE_URL"]


def test_side_ports_move_with_the_port(tmp_path):
    settings = Settings.from_env({"AWNING_DATA_DIR": str(tmp_path), "AWNING_PORT": "9100"})
    assert (settings.smtp_port, settings.sandbox_url) == (9126, "http://127.0.0.1:9190")


def test_secrets_stay_out_of_what_is_printed_and_of_error_messages(tmp_path):
    environ = production(
        tmp_path, SMTP_USER="u", SMTP_PASSWORD="hush-smtp", AWNING_SANDBOX_TOKEN="hush-token"
    )
    shown = repr(Settings.from_env(environ))
    assert GOOD_KEY not in shown
    assert "pw@" not in shown
    assert "hush" not in shown
    refused = problems(production(tmp_path, DATABASE_URL="mysql://u:hush-db@h/d"))
    assert "hush" not in str(refused)


def test_settings_cannot_be_changed_after_they_are_read(tmp_path):
    settings = Settings.from_env({"AWNING_DATA_DIR": str(tmp_path)})
    with pytest.raises(FrozenInstanceError):
        settings.debug = True


def test_nothing_plays_the_vendor_in_production_unless_it_is_said_so(tmp_path):
    assert Settings.from_env(production(tmp_path)).sandbox_token == ""
    assert Settings.from_env(production(tmp_path, AWNING_SANDBOX_TOKEN="t0ken")).sandbox_token == "t0ken"
    assert Settings.from_env({"AWNING_DATA_DIR": str(tmp_path)}).sandbox_token
