"""Clients that are not ours, for the tests that send with them: what teams run already must find the Router to its taste.

The Python ones live in a virtual environment. The syslog daemons are unpacked into folders and not installed: Debian's
rsyslog and syslog-ng conflict with each other, a daemon of the tests must not become the machine's, and this needs no root.

By itself: `shippers.py FOLDER` installs into the folder; name it in BARITO_TEST_SHIPPERS then.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from state import StackError

REQUIREMENTS = Path(__file__).with_name("shippers.txt")
# Folder: what is unpacked there, with those of its dependencies that the machine does not have.
DAEMONS = {
    "rsyslog": ["rsyslog", "rsyslog-elasticsearch", "rsyslog-openssl"],
    "syslog-ng": ["syslog-ng-core", "syslog-ng-mod-http", "syslog-ng-scl"],
}


def install(folder):
    """Makes `folder/python` and a folder for each of DAEMONS, once, and again where the lists changed."""
    wanted = hashlib.sha256(repr(DAEMONS).encode() + REQUIREMENTS.read_bytes()).hexdigest()
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"installing clients for the tests into {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755, parents=True)
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    done([python, "-m", "venv", str(folder / "python")])
    done([str(folder / "python/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
          "--no-deps", "--require-hashes", "-r", str(REQUIREMENTS)])
    for name, packages in DAEMONS.items():
        unpack(packages, folder / name)
    stamp.write_text(wanted)


def unpack(packages, folder):
    folder.mkdir()
    plan = done(["apt-get", "install", "--simulate", "--no-install-recommends", *packages])
    missing = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    done(["apt-get", "download", *sorted({*packages, *missing})], cwd=folder)
    for package in folder.glob("*.deb"):
        done(["dpkg-deb", "--extract", str(package), str(folder)])
        package.unlink()


def done(argv, cwd=None):
    """Runs a command to its end and returns what it printed."""
    try:
        result = subprocess.run(argv, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        raise StackError(f"cannot install clients for the tests: {argv[0]}: {error.strerror}") from None
    if result.returncode != 0:
        raise StackError(
            f"cannot install clients for the tests: {' '.join(argv)}\n{result.stdout.strip()[-2000:]}\n"
            "  They come from PyPI and from Debian's archive, once; apt-get update may help.")
    return result.stdout


if __name__ == "__main__":
    try:
        install(Path(sys.argv[1]).absolute())
    except StackError as error:
        sys.exit(f"error: {error}")
