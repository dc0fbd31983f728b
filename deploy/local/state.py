"""The folder that holds everything of one local stack: data, logs, process ids, ports and secrets."""

import contextlib
import fcntl
import json
import os
import secrets
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


class StackError(Exception):
    """What could not be done, why, and how to mend it: shown to the user as it is, without a traceback."""


class State:
    def __init__(self, root=None):
        chosen = root or os.environ.get("BARITO_STATE") or REPOSITORY / ".barito"
        self.root = Path(chosen).expanduser().absolute()
        self.is_default = self.root == REPOSITORY / ".barito"
        self.run = self.root / "run"
        self.log = self.root / "log"

    def _foreign(self, error):
        return StackError(
            f"cannot use the state folder {self.root}: {error.strerror}. It may belong to another user; "
            "choose one of your own: make run BARITO_STATE=~/barito-state")

    def create(self):
        try:
            # Passed through, not listed: PostgreSQL's account must reach its own folder inside.
            self.root.mkdir(mode=0o711, parents=True, exist_ok=True)
            for folder in (self.run, self.log, self.root / "snapshot", self.root / "noida"):
                folder.mkdir(mode=0o700, exist_ok=True)
            (self.run / "lock").touch()
        except OSError as error:
            raise self._foreign(error) from None

    @contextlib.contextmanager
    def lock(self):
        """Two `make up` at once would start everything twice: the second waits for the first."""
        with open(self.run / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read(self, name, default):
        try:
            return json.loads((self.root / name).read_text())
        except FileNotFoundError:
            return default
        except PermissionError as error:
            raise self._foreign(error) from None
        except ValueError:
            raise StackError(f"{self.root / name} is not readable as JSON. Remove it and start again.") from None

    def write(self, name, value):
        self.write_text(name, json.dumps(value, indent=2) + "\n")

    def write_text(self, name, text):
        """Replaced whole and private from its first byte: most of these hold secrets."""
        path = self.root / name
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        os.replace(fresh, path)

    def secret(self, name):
        """A random value made at the first call and the same ever after. Hexadecimal, so it needs no quoting anywhere."""
        known = self.read("secrets.json", {})
        if name not in known:
            known[name] = secrets.token_hex(32)
            self.write("secrets.json", known)
        return known[name]
