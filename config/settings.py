"""Every setting Awning has: read from the environment once, checked together, frozen.

No module of the application reads environment variables; nothing here opens a connection or starts a server.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PROJECT_DIR = Path(__file__).resolve().parent.parent
APP_ROLE = "awning_app"
ENVIRONMENTS = ("development", "test", "production")
DEFAULT_PORTS = {"http": 80, "https": 443}
# In development the demo's mail catcher and vendor sandbox sit beside the web port, wherever that is.
MAIL_PAGE_PORT_OFFSET = 25
MAIL_PORT_OFFSET = 26
SANDBOX_PORT_OFFSET = 90
SECRET_MIN_LENGTH = 32

# Keys that are printed in tutorials and templates: long enough, and known to everybody.
_PUBLISHED_KEYS = frozenset(
    {
        "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "d369342136ecd032f8b4a930b6bb2e0e",
    }
)
_WEAK_WORDS = (
    "change-me",
    "changeme",
    "change_me",
    "replace-me",
    "replace_me",
    "insecure",
    "your-secret",
    "password",
)
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\Z")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class SettingsError(Exception):
    """The environment does not describe an Awning that may start. `problems` names every variable at fault."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        lines = [f"  {name}: {mend}" for name, mend in problems]
        count = "1 setting needs" if len(lines) == 1 else f"{len(lines)} settings need"
        super().__init__("\n".join([f"Awning cannot start: {count} attention.", *lines]))


@dataclass(frozen=True, slots=True)
class Settings:
    """What this installation is told from outside. Build it with `from_env`; vary it with `dataclasses.replace`."""

    secret_key: str = field(repr=False)
    data_dir: Path
    env: str = "development"
    debug: bool = False
    database_url: str | None = field(default=None, repr=False)
    app_database_url: str | None = field(default=None, repr=False)
    database_pool: int = 10
    kept_pages_mb: int = 16
    platform_host: str = "console.localhost"
    shop_suffix: str = "localhost"
    scheme: str = "http"
    port: int = 8000
    proxy_hops: int = 0
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8026
    smtp_user: str | None = None
    smtp_password: str | None = field(default=None, repr=False)
    smtp_starttls: bool = False
    mail_from: str = "Awning <no-reply@console.localhost>"
    sandbox_url: str = "http://127.0.0.1:8090"
    sandbox_token: str = field(default="", repr=False)
    vendor_timeout_seconds: float = 20.0

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read and check the environment.

        In development and test a missing SECRET_KEY is made once and kept, readable by its owner alone, in the data
        folder. Raises `SettingsError` naming every variable at fault and its mend.
        """
        return _Reader(environ).settings()

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def is_test(self) -> bool:
        return self.env == "test"

    @property
    def database_dir(self) -> Path:
        """The folder of the embedded PostgreSQL, used when there is no `database_url`."""
        return self.data_dir / "postgres"

    @property
    def app_role_password(self) -> str:
        """The application role's password when nobody gave one: worked out from the secret key, stored nowhere."""
        return self.derived_secret("database role " + APP_ROLE)

    def derived_secret(self, purpose: str) -> str:
        """A secret of its own for `purpose` (64 hex digits), the same for as long as the secret key is."""
        return derive(self.secret_key, purpose)

    @property
    def holds_owner(self) -> bool:
        """Whether the owner's login is at hand. In production only `flask database prepare` may have it."""
        return self.database_url is not None or not self.is_production

    def app_url_for(self, owner_url: str) -> str:
        """The database URL the application logs in with, given the owner's: same server and database, lesser role."""
        if self.app_database_url:
            return self.app_database_url
        url = make_url(owner_url).set(username=APP_ROLE, password=self.app_role_password)
        return url.render_as_string(hide_password=False)

    def origin(self, host: str) -> str:
        """`scheme://host[:port]` as people see it; the port is left out where it is the scheme's own."""
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    def shop_host(self, nickname: str) -> str:
        """The hostname every shop has from its first minute."""
        return f"{nickname}.{self.shop_suffix}"


def derive(secret_key: str, purpose: str) -> str:
    """HMAC-SHA256 of `purpose` under the secret key, as 64 hex digits."""
    return hmac.new(secret_key.encode(), b"awning:" + purpose.encode(), hashlib.sha256).hexdigest()


class _Reader:
    """Reads variables one by one and remembers every problem instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[tuple[str, str]] = []

    def settings(self) -> Settings:
        env = self._env()
        production = env == "production"
        data_dir = self._data_dir()
        values: dict[str, Any] = {"env": env, "data_dir": data_dir}
        values["debug"] = self._read("AWNING_DEBUG", _flag, False)
        if production and values["debug"]:
            self._problem("AWNING_DEBUG", "must be off in production; unset it")
        values["database_url"] = self._read("DATABASE_URL", _database_url, None)
        values["app_database_url"] = self._read("APP_DATABASE_URL", _database_url, None)
        self._check_roles(values["database_url"], values["app_database_url"], production)
        values["database_pool"] = self._read("AWNING_DATABASE_POOL", _pool, 10)
        values["kept_pages_mb"] = self._read("AWNING_KEPT_PAGES_MB", _megabytes, 16)
        values["scheme"] = self._scheme(production)
        default_port = DEFAULT_PORTS["https"] if production else 8000
        values["port"] = self._read("AWNING_PORT", _port, default_port)
        values["proxy_hops"] = self._read(
            "AWNING_PROXY_HOPS",
            _hops,
            0,
            required=production and "how many reverse proxies stand in front (0 if none)",
        )
        self._hosts(values, production)
        self._mail(values, production)
        sandbox = f"http://127.0.0.1:{values['port'] + SANDBOX_PORT_OFFSET}"
        values["sandbox_url"] = self._read("AWNING_SANDBOX_URL", _http_url, sandbox)
        values["vendor_timeout_seconds"] = self._read("AWNING_VENDOR_TIMEOUT", _seconds, 20.0)
        secret = self._secret_key(production, data_dir)
        if self.problems:
            raise SettingsError(self.problems)
        values["secret_key"] = secret or _kept_secret(data_dir / "secret_key")
        # In production nothing plays the vendor unless it is said so.
        made = "" if production else derive(values["secret_key"], "vendor sandbox")
        values["sandbox_token"] = self._text("AWNING_SANDBOX_TOKEN") or made
        return Settings(**values)

    # -- one variable, or a few that belong together ------------------------------------------------------------

    def _env(self) -> str:
        env = self._text("AWNING_ENV") or "development"
        if env not in ENVIRONMENTS:
            self._problem("AWNING_ENV", f"is {env!r}; use one of {', '.join(ENVIRONMENTS)}")
            # An unreadable environment is held to the strictest rules, never to the loosest.
            return "production"
        return env

    def _data_dir(self) -> Path:
        text = self._text("AWNING_DATA_DIR")
        if not text:
            return PROJECT_DIR / "var"
        path = Path(text).expanduser()
        if not path.is_absolute():
            self._problem("AWNING_DATA_DIR", f"is {text!r}; give an absolute path")
        elif path.exists() and not path.is_dir():
            self._problem("AWNING_DATA_DIR", f"{text!r} is not a folder; give a folder's path")
        return path

    def _secret_key(self, production: bool, data_dir: Path) -> str | None:
        key = self._text("SECRET_KEY")
        make_one = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        if key is None:
            if production:
                self._problem("SECRET_KEY", f"must be set in production; {make_one}")
            return None
        if len(key) < SECRET_MIN_LENGTH:
            self._problem(
                "SECRET_KEY",
                f"has {len(key)} characters, at least {SECRET_MIN_LENGTH} are needed; {make_one}",
            )
        elif _is_weak(key):
            self._problem("SECRET_KEY", f"is a known or easily guessed value; {make_one}")
        return key

    def _scheme(self, production: bool) -> str:
        scheme = self._text("AWNING_SCHEME") or ("https" if production else "http")
        if scheme not in DEFAULT_PORTS:
            self._problem("AWNING_SCHEME", f"is {scheme!r}; use http or https")
            return "https"
        if production and scheme != "https":
            self._problem("AWNING_SCHEME", "must be https in production; unset it")
        return scheme

    def _check_roles(self, owner: str | None, app: str | None, production: bool) -> None:
        if production and not app:
            self._problem("APP_DATABASE_URL", "must be set in production: the login of web and worker")
        elif app and not owner and not production:
            self._problem("APP_DATABASE_URL", "is set without DATABASE_URL; set both, or neither")
        elif app and owner and make_url(app).username == make_url(owner).username:
            self._problem(
                "APP_DATABASE_URL", "uses the owner's login; name a role that does not own the tables"
            )

    def _hosts(self, values: dict[str, Any], production: bool) -> None:
        values["platform_host"] = self._read(
            "AWNING_PLATFORM_HOST",
            _host,
            "console.localhost",
            required=production and "the console's public hostname",
        )
        values["shop_suffix"] = self._read(
            "AWNING_SHOP_SUFFIX",
            _host,
            "localhost",
            required=production and "the domain under which shops get a name",
        )
        if values["platform_host"] == values["shop_suffix"]:
            self._problem(
                "AWNING_PLATFORM_HOST", "equals AWNING_SHOP_SUFFIX; give the console a hostname of its own"
            )
        if production:
            for name, key in (
                ("AWNING_PLATFORM_HOST", "platform_host"),
                ("AWNING_SHOP_SUFFIX", "shop_suffix"),
            ):
                if self._text(name) and values[key].rpartition(".")[2] == "localhost":
                    self._problem(name, "is a localhost name, which nobody else can reach; use a public one")

    def _mail(self, values: dict[str, Any], production: bool) -> None:
        values["smtp_host"] = self._read(
            "SMTP_HOST",
            _host,
            "127.0.0.1",
            required=production and "the mail server Awning hands its mail to",
        )
        values["smtp_port"] = self._read(
            "SMTP_PORT", _port, 587 if production else values["port"] + MAIL_PORT_OFFSET
        )
        values["smtp_user"] = self._text("SMTP_USER")
        values["smtp_password"] = self._text("SMTP_PASSWORD")
        if bool(values["smtp_user"]) != bool(values["smtp_password"]):
            missing = "SMTP_PASSWORD" if values["smtp_user"] else "SMTP_USER"
            self._problem(missing, "is missing; SMTP_USER and SMTP_PASSWORD belong together")
        values["smtp_starttls"] = self._read("SMTP_STARTTLS", _flag, production)
        values["mail_from"] = self._read(
            "MAIL_FROM",
            _mail_address,
            f"Awning <no-reply@{values['platform_host']}>",
            required=production and "the address mail comes from, such as Shop <shop@example.com>",
        )

    # -- plumbing ---------------------------------------------------------------------------------------------------

    def _text(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def _problem(self, name: str, mend: str) -> None:
        self.problems.append((name, mend))

    def _read(
        self, name: str, parse: Callable[[str], Any], default: Any, required: str | bool = False
    ) -> Any:
        text = self._text(name)
        if text is None:
            if required:
                self._problem(name, f"must be set: {required}")
            return default
        try:
            return parse(text)
        except ValueError as error:
            self._problem(name, str(error))
            return default


def _is_weak(key: str) -> bool:
    lowered = key.lower()
    return key in _PUBLISHED_KEYS or len(set(key)) < 10 or any(word in lowered for word in _WEAK_WORDS)


def _kept_secret(path: Path) -> str:
    """The secret in `path`, made there first if needed; only its owner can read it, and rivals agree on one value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, not a rename: it fails when a rival was first, and then the rival's key is the one.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept = path.read_text().strip()
    if len(kept) < SECRET_MIN_LENGTH:
        raise SettingsError(
            [("SECRET_KEY", f"the one kept in {path} is damaged; delete that file or set SECRET_KEY")]
        )
    return kept


def _flag(text: str) -> bool:
    lowered = text.lower()
    if lowered in _TRUE or lowered in _FALSE:
        return lowered in _TRUE
    raise ValueError(f"is {text!r}; use 1 or 0")


def _whole(text: str, low: int, high: int, what: str) -> int:
    # int() also takes "1_000" and other scripts' digits; a setting does not.
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise ValueError(f"is {text!r}; give {what}, {low} to {high}")
    return int(text)


def _port(text: str) -> int:
    return _whole(text, 1, 65535, "a port number")


def _pool(text: str) -> int:
    return _whole(text, 2, 200, "how many database connections one process may hold")


def _megabytes(text: str) -> int:
    return _whole(text, 0, 4096, "how many megabytes of pages one process may keep (0: none)")


def _hops(text: str) -> int:
    return _whole(text, 0, 9, "the number of reverse proxies")


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text) or not 0.1 <= float(text) <= 120:
        raise ValueError(f"is {text!r}; give seconds, 0.1 to 120")
    return float(text)


def _host(text: str) -> str:
    host = text.lower()
    if not _HOST.match(host):
        raise ValueError(f"is {text!r}; give a hostname without scheme, port or path")
    return host


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"is {text!r}; give an http or https address")
    return text.rstrip("/")


def _mail_address(text: str) -> str:
    if "\n" in text or "\r" in text or not _ADDRESS.match(parseaddr(text)[1]):
        raise ValueError(f"is {text!r}; give a mail address, or Name <address>")
    return text


def _database_url(text: str) -> str:
    """A PostgreSQL URL in the form SQLAlchemy and psycopg 3 share. The value is never echoed: it holds a password."""
    try:
        url: URL = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("cannot be read; give postgresql://user:password@host/database") from None
    if url.drivername not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ValueError(
            f"names {url.drivername!r}; Awning runs on PostgreSQL: postgresql://user:password@host/database"
        )
    if not url.database or not url.username:
        raise ValueError("lacks its user or database; give postgresql://user:password@host/database")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
