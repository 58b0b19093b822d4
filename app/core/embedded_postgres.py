"""PostgreSQL from a wheel's programs: made, started, shared between processes and stopped, in a folder of our own.

Roles and databases of the application are made by `database_setup`, its tables by the migrations. The server listens
on a private unix socket only, every login needs a password, and nothing is given up for speed: fsync is on.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from app.core.postgres_home import EmbeddedPostgresError, Home, Record, find_home, write_private

__all__ = ["ADMIN_ROLE", "OWNER_ROLE", "EmbeddedPostgres", "EmbeddedPostgresError"]

ADMIN_ROLE = "awning_admin"
OWNER_ROLE = "awning_owner"
_PORT = 5432  # names the socket file; no TCP port is opened
_LOCK_SECONDS = 180
_START_SECONDS = 120
_LOG_MAX_BYTES = 8_000_000
_NO_PROCESS = 2**31 - 2  # above every system's highest process id


class EmbeddedPostgres:
    """One server in one folder, for as many processes as like to use it.

    `ensure_running` starts it or joins it; `release` (also at exit, and at the end of a `with`) lets go, and the last
    process to let go stops it. Who uses it is a shared file lock that the system drops when a process dies, however
    it dies. `stop` stops it for everybody. Raises `EmbeddedPostgresError` with what to do.
    """

    def __init__(self, folder: Path | str, *, durable: bool = True) -> None:
        """`durable=False` trades crash safety for speed: for throw-away clusters in tests only."""
        self.folder = Path(folder).resolve()
        self.durable = durable
        self._record = Record(self.folder / "record.json")
        self._thread_lock = threading.RLock()
        self._use: int | None = None
        self._home: Home | None = None
        self._programs: Path | None = None

    def __enter__(self) -> EmbeddedPostgres:
        self.ensure_running()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    # -- what callers do --------------------------------------------------------------------------------------------

    def ensure_running(self) -> None:
        """Make the cluster if there is none, start the server if it is down, and count this process as a user."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._hold()
            home = self._find_home()
            if self._postmaster(home) is not None:
                if self._wait_until_it_answers():
                    return
                # Alive and silent: its socket was swept away, or it hangs. It is started again.
                self._pg_ctl(home, "stop")
            if not home.data.is_dir():
                self._init(home)
            self._check_version(home)
            self._start(home)
            self._make_roles()

    def url(self, database: str = "awning", role: str = OWNER_ROLE) -> str:
        """A URL for SQLAlchemy with psycopg 3, over the unix socket, for the owner's or the launcher's own role."""
        return URL.create(
            "postgresql+psycopg",
            username=role,
            password=self._noted(f"{role} password"),
            database=database,
            query={"host": self._noted("socket"), "port": str(_PORT)},
        ).render_as_string(hide_password=False)

    def release(self) -> None:
        """Let go of the server; stops it when no other process uses it. Harmless when not held."""
        if self._use is None:
            return
        with self._locked():
            if self._use is not None:
                os.close(self._use)
                self._use = None
            if self._is_used():
                return
            home = self._find_home()
            if self._postmaster(home) is not None:
                self._pg_ctl(home, "stop")

    def stop(self) -> None:
        """Stop the server for every process. Transactions under way are rolled back."""
        if not self.folder.is_dir():
            return
        with self._locked():
            if self._use is not None:
                os.close(self._use)
                self._use = None
            if self._record.get("home"):
                home = self._find_home()
                if self._postmaster(home) is not None:
                    self._pg_ctl(home, "stop")

    def destroy(self) -> None:
        """Stop the server and delete the cluster with everything in it."""
        if self._record.get("home") and Path(self._noted("home")).is_dir():
            self.stop()
        home, socket = self._record.get("home"), self._record.get("socket")
        for made in (home, socket, str(self.folder)):
            if made:
                shutil.rmtree(made, ignore_errors=True)
        self._home = self._programs = None

    @property
    def is_running(self) -> bool:
        recorded = self._record.get("home")
        return recorded is not None and self._postmaster(self._find_home()) is not None

    def _find_home(self) -> Home:
        if self._home is None or not self._home.path.is_dir():
            self._home = find_home(self.folder, self._record, temporary=not self.durable)
        return self._home

    # -- the cluster ------------------------------------------------------------------------------------------------

    def _init(self, home: Home) -> None:
        """Make the cluster beside its final place and move it there when it is complete."""
        draft, password_file = home.path / "data.new", home.path / "password"
        if draft.exists():
            shutil.rmtree(draft)
        for role in (ADMIN_ROLE, OWNER_ROLE):
            if self._record.get(f"{role} password") is None:
                self._record.put(**{f"{role} password": secrets.token_urlsafe(32)})
        write_private(password_file, self._noted(f"{ADMIN_ROLE} password") + "\n", home.account)
        try:
            self._run(
                home,
                "initdb",
                f"--pgdata={draft}",
                f"--username={ADMIN_ROLE}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--data-checksums",
                *([] if self.durable else ["--no-sync"]),
            )
        finally:
            password_file.unlink(missing_ok=True)
        write_private(draft / "pg_hba.conf", "local all all scram-sha-256\n", home.account)
        draft.rename(home.data)

    def _check_version(self, home: Home) -> None:
        cluster = (home.data / "PG_VERSION").read_text().strip()
        programs = self._run(home, "postgres", "--version").split()[-1].split(".")[0]
        if cluster != programs:
            raise EmbeddedPostgresError(
                f"the data in {home.data} was written by PostgreSQL {cluster}, the installed programs are {programs}: "
                "dump it with the old version and load it into the new one (docs/operating.md, Upgrade)"
            )

    def _configure(self, home: Home) -> None:
        socket = home.find_socket_dir(self._record.get("socket"))
        self._record.put(socket=str(socket))
        switch = "on" if self.durable else "off"
        lines = [
            "# Written at every start; what you change here is lost.",
            "listen_addresses = ''",
            f"port = {_PORT}",
            f"unix_socket_directories = '{socket}'",
            "unix_socket_permissions = 0700",
            "password_encryption = 'scram-sha-256'",
            "max_connections = 100",
            "shared_buffers = 128MB",
            f"fsync = {switch}",
            f"synchronous_commit = {switch}",
            f"full_page_writes = {switch}",
            "timezone = 'UTC'",
            "log_timezone = 'UTC'",
            "log_line_prefix = '%m [%p] %u@%d '",
            "log_checkpoints = off",
            "lc_messages = 'C'",
        ]
        write_private(home.data / "postgresql.conf", "\n".join(lines) + "\n", home.account)

    def _start(self, home: Home) -> None:
        self._configure(home)
        self._forget_dead_server(home)
        if home.log.exists() and home.log.stat().st_size > _LOG_MAX_BYTES:
            home.log.replace(home.log.with_suffix(".log.1"))
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._pg_ctl(home, "start")
                return
            except EmbeddedPostgresError:
                # After a kill -9 of the postmaster its children take a moment to notice and go.
                if "still in use" not in _tail(home.log) or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _make_roles(self) -> None:
        """The owner may make databases and roles and owns the tables, and is no superuser."""
        with self._connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER_ROLE]).fetchone()
            connection.execute(
                sql.SQL(
                    "{verb} ROLE {role} LOGIN CREATEDB CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD {password}"
                ).format(
                    verb=sql.SQL("ALTER" if known else "CREATE"),
                    role=sql.Identifier(OWNER_ROLE),
                    password=sql.Literal(self._noted(f"{OWNER_ROLE} password")),
                )
            )

    # -- is it there, and whose is it -------------------------------------------------------------------------------

    def _postmaster(self, home: Home) -> int | None:
        """The process id of this cluster's server, if it is alive; a pid file alone proves nothing."""
        try:
            pid = int((home.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if str(home.data) in _command_line(pid) else None

    def _forget_dead_server(self, home: Home) -> None:
        """Say in a stale pid file that its process is gone, where PostgreSQL itself would be in doubt.

        It would respect a number that now belongs to some other program, and a zombie that nobody has collected (in a
        container, often). Only the number is replaced: by the rest PostgreSQL finds survivors of the old server.
        """
        pid_file = home.data / "postmaster.pid"
        if pid_file.exists() and self._postmaster(home) is None:
            _, newline, rest = pid_file.read_text().partition("\n")
            write_private(pid_file, f"{_NO_PROCESS}{newline}{rest}", home.account)
            Path(self._noted("socket"), f".s.PGSQL.{_PORT}.lock").unlink(missing_ok=True)

    def _wait_until_it_answers(self) -> bool:
        deadline = time.monotonic() + 30
        while True:
            try:
                self._connect().close()
                return True
            except psycopg.OperationalError as error:
                starting = (
                    "starting up" in str(error) or "shutting down" in str(error) or "recovery" in str(error)
                )
                if not starting or time.monotonic() > deadline:
                    return False
                time.sleep(0.1)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=self._noted("socket"),
            port=_PORT,
            user=ADMIN_ROLE,
            password=self._noted(f"{ADMIN_ROLE} password"),
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        )

    def _noted(self, key: str) -> str:
        value = self._record.get(key)
        if value is None:
            raise EmbeddedPostgresError(
                f"no {key} is noted in {self._record.path}: the server was never started there"
            )
        return value

    # -- programs and locks -----------------------------------------------------------------------------------------

    def _pg_ctl(self, home: Home, verb: str) -> None:
        options = {
            "start": ["start", f"--log={home.log}", "--wait", f"--timeout={_START_SECONDS}"],
            "stop": ["stop", "--mode=fast", "--wait", "--timeout=60"],
        }[verb]
        try:
            self._run(home, "pg_ctl", *options, f"--pgdata={home.data}", "--silent")
        except EmbeddedPostgresError as error:
            if verb == "stop" and self._postmaster(home) is None:
                return
            raise EmbeddedPostgresError(f"{error}\n{_tail(home.log)}") from error

    def _run(self, home: Home, program: str, *arguments: str) -> str:
        if self._programs is None:
            self._programs = home.find_programs()
        # The output goes to a file of ours: a server started by pg_ctl would keep a pipe open for ever.
        with (self.folder / "last-command.log").open("w+") as output:
            done = subprocess.run(
                [self._programs / program, *arguments],
                cwd=home.path,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                umask=0o077,
                **home.account.popen_options(),
            )
            output.seek(0)
            said = output.read().strip()
        if done.returncode != 0:
            raise EmbeddedPostgresError(f"{program} failed ({done.returncode}): {said}")
        return said

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One process, and one thread of it, at a time."""
        with self._thread_lock, (self.folder / "lock").open("a") as file:
            deadline = time.monotonic() + _LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise EmbeddedPostgresError(
                            f"another process has held {self.folder / 'lock'} for {_LOCK_SECONDS} seconds"
                        ) from None
                    time.sleep(0.05)
            yield

    def _hold(self) -> None:
        if self._use is None:
            self._use = os.open(self.folder / "users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._use, fcntl.LOCK_SH)
            atexit.register(self._release_at_exit)

    def _is_used(self) -> bool:
        with (self.folder / "users").open("a") as probe:
            try:
                fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def _release_at_exit(self) -> None:
        # The folder may be gone by then (a test's), and nobody is left to read an error.
        with contextlib.suppress(EmbeddedPostgresError, OSError):
            self.release()


def _command_line(pid: int) -> str:
    """The command line of a living process, or an empty string (no such process, or a zombie)."""
    proc = Path("/proc")
    if (proc / "self" / "cmdline").exists():
        try:
            return (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    done = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _tail(log: Path, lines: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
