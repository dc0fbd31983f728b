"""Which TCP port each listener has. Chosen once and kept in the state folder, so that URLs survive a restart."""

import os
import random
import re
import socket
from pathlib import Path

from state import StackError

# What people type or have in bookmarks: taken means an error, not another port behind their back.
KNOWN = {
    "market": 8080, "router": 8081, "viewer": 8083, "tail": 8084, "forward": 24224, "syslog": 6514,
    "market-admin": 9080, "router-admin": 9081, "flow-admin": 9082, "provisioner-admin": 9083, "tail-admin": 9084,
}
# Nobody types these: the usual ports belong to servers that a developer may already run.
INNER = {"postgres": 15432, "kafka": 19092, "elasticsearch": 19200}


def is_free(port):
    with socket.socket() as probe:
        # As servers do: connections in TIME_WAIT from the last run are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def free_port(taken=()):
    """Below the range that the kernel gives to outgoing connections, or one of those could take it before we listen."""
    for _ in range(1000):
        port = random.randrange(20000, 32000)
        if port not in taken and is_free(port):
            return port
    raise StackError("no free TCP port found between 20000 and 32000 on 127.0.0.1")


def listener(port):
    """The process that listens on the port, in words, as far as this user may see it."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:] if Path(table).exists() else []:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(descriptor) in inodes for descriptor in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {process.name} ({command[:80]})"
        except OSError:
            continue
    return "a process of another user (root sees which: ss -ltnp)" if inodes else "a process that this user cannot see"


def parse(text):
    """`free`, or `NAME=PORT,NAME=PORT`: what the environment's BARITO_PORTS asks for."""
    if text in ("", "free"):
        return {}
    chosen = {}
    for part in re.split(r"[,\s]+", text.strip()):
        name, _, port = part.partition("=")
        if name not in KNOWN | INNER or not port.isdigit() or not 0 < int(port) < 65536:
            raise StackError(
                f"BARITO_PORTS has '{part}', which is neither 'free' nor NAME=PORT. Names: {', '.join(KNOWN | INNER)}")
        chosen[name] = int(port)
    return chosen


def choose(state, running, wish=None):
    """The ports of this stack by name. `running` names the listeners that are ours and up: theirs stay as they are."""
    wish = os.environ.get("BARITO_PORTS", "") if wish is None else wish
    kept = state.read("ports.json", {})
    chosen = parse(wish)
    ports = {}
    for name, usual in (KNOWN | INNER).items():
        first = usual if name in kept or wish != "free" else None
        port = chosen.get(name) or kept.get(name) or first or free_port(ports.values())
        if not (name in running and port == kept.get(name)) and (port in ports.values() or not is_free(port)):
            # A stack that is not the default one has no well-known ports to keep.
            if name in chosen or (name in KNOWN and wish != "free" and state.is_default and port == usual):
                raise StackError(taken(name, port))
            port = free_port([*ports.values(), *kept.values()])
        ports[name] = port
    state.write("ports.json", ports)
    return ports


def taken(name, port):
    return (
        f"port {port} ({name}) is in use by {listener(port)}.\n"
        f"  Stop that, or choose another port:  make run BARITO_PORTS={name}={port + 10000}\n"
        f"  or let free ports be found:         make run BARITO_PORTS=free")
