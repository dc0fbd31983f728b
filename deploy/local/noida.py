"""noida-db: one small program that speaks the Kafka and Elasticsearch protocols, for laptops and tests.

What to know of 0.2.3: it keeps everything in memory and writes it to JSON files about once a second, so `kill -9` loses
the last second and a big backlog costs memory; SIGTERM saves all. It answers a fetch with the whole backlog of a
partition, whatever the limits asked for, hence `CONSUMER_PROPERTY`, and at once although there is nothing, hence
`pacer.py`, which runs it. It opens one more control port, chosen by itself, on loopback. On Debian 12 the dynamic linker
remarks in its log that a weak GLIBC_2.39 is missing: harmless.
"""

import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from state import StackError

VERSION = "0.2.3"
CONSUMER_PROPERTY = "receive.message.max.bytes=2000000000"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PACER = Path(__file__).with_name("pacer.py").resolve()


def program(venv):
    """The server itself, as `install` leaves it.

    Not the command that pip makes: that is a Python parent which dies of SIGTERM alone and leaves the server running.
    """
    return venv / "bin" / f"noida-db-{VERSION}"


def install(venv):
    """Makes the virtual environment with the pinned package, once."""
    if not program(venv).exists():
        print(f"installing noida-db {VERSION} into {venv}")
        python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
        for argv in (
            [python, "-m", "venv", "--clear", str(venv)],
            [str(venv / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--only-binary", ":all:", "--require-hashes", "-r", str(REQUIREMENTS)],
        ):
            done = subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                raise StackError(
                    f"cannot install noida-db: {' '.join(argv)}\n{done.stdout.strip()}\n"
                    "  It comes from PyPI, once. Without network use servers of your own:\n"
                    "  BARITO_KAFKA=host:9092 BARITO_ELASTICSEARCH=http://host:9200 make run")
        server = next(venv.glob("lib/python3*/site-packages/noida_db/noida-db"))
        server.chmod(0o755)
        program(venv).symlink_to(server)


def arguments(path, data, ports):
    """`ports` by protocol; only those are spoken."""
    spoken = [str(ports.get(name, 0)) for name in ("kafka", "elasticsearch")]
    return ["/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable, "-B", str(PACER), str(path),
            str(data), *spoken]


def not_ready(ports):
    """Why it does not serve, or None when it does."""
    try:
        if "kafka" in ports:
            socket.create_connection(("127.0.0.1", ports["kafka"]), 2).close()
        if "elasticsearch" in ports:
            urllib.request.urlopen(f"http://127.0.0.1:{ports['elasticsearch']}/", timeout=2).close()
        return None
    except OSError as error:
        return str(error)
