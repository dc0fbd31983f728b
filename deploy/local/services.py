"""What a local stack consists of: every server with its arguments, settings, address and question of readiness."""

import hashlib
import json
import os
import signal
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import noida
from postgres import Account, Postgres
from processes import Process
from state import StackError

BARITO = ["market", "router", "flow", "tail", "provisioner"]
# The order of starting; stopping goes backwards, so that a server outlives those who need it.
NAMES = ["postgres", "noida", *BARITO]
# Variables of the stack itself and of its tests, which no service knows.
OWN = {"BARITO_STATE", "BARITO_PORTS", "BARITO_KAFKA", "BARITO_ELASTICSEARCH", "BARITO_ENGINES", "BARITO_BIN",
       "BARITO_API_TOKEN", "BARITO_PSQL", "BARITO_DEMO_SECRET"}


@dataclass
class Service:
    name: str
    argv: list
    address: str
    not_ready: Callable  # why it does not serve yet, or None
    settings: dict = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account = None
    prepare: Callable = lambda: None  # what must be there before it can start

    @property
    def environment(self):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("BARITO_")}
        return kept | self.settings

    @property
    def fingerprint(self):
        """Changes with the settings and with the build: who runs with another one is restarted."""
        try:
            program = os.stat(self.argv[0])
        except OSError as error:
            raise StackError(f"cannot run {self.argv[0]}: {error.strerror}. Is it built? swift build -c release") from None
        facts = [self.argv, self.settings, program.st_ino, program.st_mtime_ns]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


class Stack:
    """All services of one state folder, for the ports given."""

    def __init__(self, state, ports, binaries):
        self.state, self.ports, self.binaries = state, ports, binaries
        self.postgres = Postgres(state, ports["postgres"])
        self.kafka = self.external("BARITO_KAFKA", f"127.0.0.1:{ports['kafka']}")
        self.elasticsearch = self.external("BARITO_ELASTICSEARCH", f"http://127.0.0.1:{ports['elasticsearch']}")

    @property
    def is_beside_another(self):
        """Whether this shell has read the `env` of another stack: two on one Kafka would take each other's messages."""
        psql = os.environ.get("BARITO_PSQL")
        return bool(psql) and self.postgres.password not in psql

    def external(self, name, own):
        """A server named in the environment; not our own, nor another stack's, which a shell that has read `env` names too."""
        value = os.environ.get(name, "").rstrip("/")
        return None if value == own or self.is_beside_another else value or None

    def url(self, name):
        return f"http://127.0.0.1:{self.ports[name]}"

    @property
    def protocols(self):
        """What noida-db has to speak: what no server was named for."""
        named = {"kafka": self.kafka, "elasticsearch": self.elasticsearch}
        return {name: self.ports[name] for name, server in named.items() if not server}

    @property
    def kafka_brokers(self):
        return self.kafka or f"127.0.0.1:{self.ports['kafka']}"

    @property
    def elasticsearch_url(self):
        return self.elasticsearch or f"http://127.0.0.1:{self.ports['elasticsearch']}"

    def services(self):
        return [self._postgres(), *([self._noida()] if self.protocols else []), *map(self.barito, BARITO)]

    def _postgres(self):
        return Service(
            "postgres", self.postgres.arguments(), f"127.0.0.1:{self.ports['postgres']}", self.postgres.not_ready,
            stop_signal=signal.SIGINT,  # SIGTERM would wait for its clients to leave
            account=self.postgres.account, prepare=self.postgres.initialise)

    def _noida(self):
        ports = self.protocols
        venv = self.state.root / "venv"
        return Service(
            "noida", noida.arguments(noida.program(venv), self.state.root / "noida", ports),
            ", ".join(f"{name} 127.0.0.1:{port}" for name, port in ports.items()), lambda: noida.not_ready(ports),
            prepare=lambda: noida.install(venv))

    def barito(self, name):
        program = Path(self.binaries) / f"barito-{name}"
        # Secrets go through the environment: arguments can be read by every user of the machine.
        consumer = "kafka" in self.protocols and name != "router"
        addresses = [port for port in (name, "viewer" if name == "router" else None) if port in self.ports]
        return Service(
            name, [str(program), *(["--kafka-property", noida.CONSUMER_PROPERTY] if consumer else [])],
            " ".join(map(self.url, addresses)) or f"{self.url(name + '-admin')} (admin)",
            lambda: readiness(self.url(f"{name}-admin")), settings=self.settings(name))

    def settings(self, name):
        """The service's environment: what the caller set, and what the stack must say itself."""
        snapshot = {"snapshot.path": str(self.state.root / "snapshot" / f"{name}.json")}
        kafka = {"kafka.brokers": self.kafka_brokers}
        common = {
            "admin.address": f"127.0.0.1:{self.ports[name + '-admin']}",
            "service.token": self.state.secret("service"),
        }
        http = {"http.address": f"127.0.0.1:{self.ports[name]}"} if name in self.ports else {}
        market = {"market.url": self.url("market")}
        own = {
            "market": kafka | {
                "database.url": self.postgres.url("barito"), "public.url": self.url("market"),
                "router.url": self.url("router"), "viewer.url": self.url("viewer"), "tail.url": self.url("tail")},
            "router": kafka | market | snapshot | {
                "viewer.address": f"127.0.0.1:{self.ports['viewer']}",
                "forward.address": f"127.0.0.1:{self.ports['forward']}",
                "syslog.address": f"127.0.0.1:{self.ports['syslog']}"},
            "flow": kafka | market | snapshot | {"elasticsearch.url": self.elasticsearch_url},
            "tail": market | snapshot,
            "provisioner": kafka | market | {
                "router.url": self.url("router"), "driver": "local", "local.kafka.brokers": self.kafka_brokers,
                "local.elasticsearch.url": self.elasticsearch_url},
        }[name]
        inherited = {
            key: value for key, value in os.environ.items()
            if key.startswith("BARITO_") and key not in OWN and not key.startswith("BARITO_TEST_")
            and not key.endswith("_URL")}
        return inherited | {variable(key): value for key, value in (common | http | own).items()}


def listeners(state):
    """The names of ports.json whose servers are up."""
    names = {
        "noida": ["kafka", "elasticsearch"], "router": ["router", "router-admin", "viewer", "forward", "syslog"],
        "postgres": ["postgres"]}
    up = [name for name in NAMES if Process(state, name).pid]
    return {port for name in up for port in names.get(name, [name, f"{name}-admin"])}


def variable(key):
    return "BARITO_" + key.replace(".", "_").replace("-", "_").upper()


def readiness(admin):
    """Why the service is not ready, as it says itself, or None when it is."""
    try:
        urllib.request.urlopen(f"{admin}/readyz?verbose", timeout=5).close()
        return None
    except urllib.error.HTTPError as error:
        return f"{error.code}: {error.read(2000).decode(errors='replace').strip()}"
    except OSError as error:
        return f"no answer from {admin}/readyz: {getattr(error, 'reason', error)}"
