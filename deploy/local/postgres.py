"""A private PostgreSQL cluster: loopback only, a random password, nothing shared with the system's own."""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from state import StackError

USER = "barito"


class Account:
    """The unprivileged account that PostgreSQL runs under when we are root, which it refuses."""

    def __init__(self, name):
        entry = pwd.getpwnam(name)
        self.name, self.uid, self.gid = name, entry.pw_uid, entry.pw_gid

    def command(self, argv):
        # setpriv executes in place, so the process id that we note is PostgreSQL's own.
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--", *argv]

    def may_enter(self, folder):
        test = self.command(["test", "-x", str(folder)])
        return subprocess.run(test, cwd="/", stderr=subprocess.DEVNULL).returncode == 0

    @staticmethod
    def needed():
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                return Account(name)
            except KeyError:
                continue
        raise StackError("PostgreSQL refuses to run as root and there is neither a user 'postgres' nor 'nobody'")


class Postgres:
    def __init__(self, state, port, durable=True):
        self.state, self.port, self.durable = state, port, durable
        self.account = Account.needed()
        self.password = state.secret("postgres")
        self.bin = newest_installation()

    @property
    def environment(self):
        return {"PATH": f"{self.bin}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PGPASSWORD": self.password}

    def url(self, database):
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def home(self):
        """Where the cluster lives: in the state folder, unless PostgreSQL's account may not go there (below /root)."""
        link = self.state.root / "postgres"
        if link.is_symlink() or link.exists() or not self.account or self.account.may_enter(self.state.root):
            return link.resolve()
        return Path("/var/lib/barito") / hashlib.sha256(str(self.state.root).encode()).hexdigest()[:16]

    def _make_home(self):
        home, link = self.home, self.state.root / "postgres"
        if home != link.resolve():
            print(f"postgres: user {self.account.name} may not enter {self.state.root}: its data goes to {home}")
            # Left by a state folder that was removed, and with it the password: nobody can read it any more.
            shutil.rmtree(home, ignore_errors=True)
            link.symlink_to(home)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account:
            os.chown(home, self.account.uid, self.account.gid)

    def arguments(self):
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [str(self.bin / "postgres"), "-D", str(self.home / "data"), "-p", str(self.port)] + [
            word for key, value in settings.items() for word in ("-c", f"{key}={value}")]

    def initialise(self):
        """Makes the cluster if there is none. A half-made one, left by a crash, is made again."""
        home = self.home
        version = home / "data" / "PG_VERSION"
        if (home / "initialised").exists() and version.exists():
            if version.read_text().strip() != self.bin.parent.name and self.bin.parent.name.isdigit():
                raise StackError(
                    f"the database in {home} was made by PostgreSQL {version.read_text().strip()}, installed is "
                    f"{self.bin.parent.name}. Install the older one, or remove {home} to start empty.")
            return
        self._make_home()
        shutil.rmtree(home / "data", ignore_errors=True)
        password_file = home / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if self.account:
            os.chown(password_file, self.account.uid, self.account.gid)
        self._call([
            "initdb", "-D", str(home / "data"), "-U", USER, f"--pwfile={password_file}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8", *([] if self.durable else ["--no-sync"])], self.account)
        password_file.unlink()
        (home / "initialised").touch()

    def not_ready(self):
        """Why it does not serve, or None when it does."""
        try:
            self._query("SELECT 1", "postgres")
            return None
        except StackError as error:
            return str(error)

    def create_database(self, name):
        if not self._query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'", "postgres"):
            self._query(f'CREATE DATABASE "{name}"', "postgres")

    def _query(self, sql, database):
        return self._call([
            "psql", "-XAtq", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database, "-c", sql])

    def _call(self, argv, account=None):
        argv = [str(self.bin / argv[0]), *argv[1:]]
        done = subprocess.run(
            account.command(argv) if account else argv, env=self.environment, cwd="/", text=True, capture_output=True,
            stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise StackError(f"{Path(argv[0]).name} failed: {done.stderr.strip()}")
        return done.stdout.strip()


def newest_installation():
    """The newest of Debian's versions, else whatever is on the PATH."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))
    if shutil.which("postgres"):
        return Path(shutil.which("postgres")).parent
    raise StackError("there is no PostgreSQL server. Install it: apt-get install postgresql")
