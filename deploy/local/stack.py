#!/usr/bin/env python3
"""Runs Barito on this machine. usage: stack.py run | up | down | status | test [ARGUMENT OF swift test]...

run     starts everything that is missing, stays in the foreground, stops everything at Ctrl-C
up      the same in the background        down    stops everything; the data stays
status  one line per service; exits 1 unless all are ready
test    runs `swift test` beside servers of its own

Environment: BARITO_STATE (folder, .barito), BARITO_PORTS (free, or NAME=PORT,...), BARITO_KAFKA and BARITO_ELASTICSEARCH
(servers to use instead of noida-db), BARITO_BIN (folder of the executables). Other BARITO_ variables reach the services.
"""

import os
import signal
import sys
import time

import ports
import seed
import signals
import testrun
from processes import Process, send, start_time
from services import NAMES, Stack, listeners
from state import REPOSITORY, StackError, State

READY_WITHIN = 60
FIRST = ("postgres", "noida", "market")


def say(line):
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # `make up | head` must not leave half a stack: go on without a reader.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def row(name, state, pid, address):
    return f"{name:<12} {state:<12} {pid or '-':>8}  {address}"


def prepare(state):
    taken = ports.choose(state, listeners(state))
    stack = Stack(state, taken, os.environ.get("BARITO_BIN") or REPOSITORY / ".build/release")
    if stack.is_beside_another and (os.environ.get("BARITO_KAFKA") or os.environ.get("BARITO_ELASTICSEARCH")):
        say("BARITO_KAFKA and BARITO_ELASTICSEARCH come from another stack's env: not used. (`unset BARITO_PSQL` uses them.)")
    return stack


def start_missing(stack):
    """Brings up what is not up, and answers when all of it is ready.

    The first three one after the other, as each needs the one before; the rest start together.
    """
    begun = {}
    services = stack.services()
    for name in set(NAMES) - {service.name for service in services}:
        Process(stack.state, name).stop()  # noida-db, now that other servers are named
    for service in services:
        process = Process(stack.state, service.name)
        begun[service.name] = time.monotonic() if ensure_started(service, process) else None
        if service.name in FIRST:
            wait_until_ready(service, process, begun[service.name])
        if service.name == "postgres":
            stack.postgres.create_database("barito")
    for service in services:
        if service.name not in FIRST:
            wait_until_ready(service, Process(stack.state, service.name), begun[service.name])


def ensure_started(service, process):
    """Whether it had to be started: because it did not run, or ran with other settings or an older build."""
    service.prepare()
    fingerprint = service.fingerprint
    if process.pid:
        if process.record["fingerprint"] == fingerprint:
            return False
        say(row(service.name, "restarting", process.pid, "its settings or its build have changed"))
        process.stop(service.stop_signal)
    process.start(service.argv, service.environment, fingerprint, service.account)
    return True


def wait_until_ready(service, process, begun):
    begin = time.monotonic()
    while (reason := service.not_ready()) is not None or process.pid is None:
        waited = time.monotonic() - begin
        if process.pid is None:
            # After kill -9 PostgreSQL's children hold its memory and its lock for a moment longer.
            if service.name != "postgres" or waited > 10:
                raise StackError(crashed(process))
            time.sleep(0.3)
            ensure_started(service, process)
        elif waited > READY_WITHIN:
            raise StackError(f"{service.name} is not ready after {READY_WITHIN} s: {reason}\n{log_of(process)}")
        time.sleep(0.05)
    word = "running" if begun is None else f"ready {time.monotonic() - begun:.1f} s"
    say(row(service.name, word, process.pid, service.address))


def crashed(process):
    return f"{process.name} ended by itself. {log_of(process)}"


def log_of(process):
    lines = process.last_lines()
    return "\n  ".join([f"The end of {process.log}:" if lines else f"Its log {process.log} is empty.", *lines])


def stop_all(state):
    """In reverse order, so that nobody loses a server that it still needs. Answers how many were stopped."""
    stopped = 0
    for name in reversed(NAMES):
        process = Process(state, name)
        # The two with the data are quick, and impatience must not cost what they have not saved yet.
        keeps_data = name in ("postgres", "noida")
        how = process.stop(
            signal.SIGINT if name == "postgres" else signal.SIGTERM,
            impatient=lambda: signals.impatient() and not keeps_data)
        if how:
            stopped += 1
            say(f"{name:<12} {how}")
    (state.root / "env").unlink(missing_ok=True)
    return stopped


def write_environment(stack, token, demo=None):
    values = {
        "BARITO_MARKET_URL": stack.url("market"), "BARITO_ROUTER_URL": stack.url("router"),
        "BARITO_VIEWER_URL": stack.url("viewer"), "BARITO_TAIL_URL": stack.url("tail"),
        "BARITO_KAFKA": stack.kafka_brokers, "BARITO_ELASTICSEARCH": stack.elasticsearch_url,
        "BARITO_API_TOKEN": token, "BARITO_PSQL": stack.postgres.url("barito"),
    }
    if demo:
        values["BARITO_DEMO_SECRET"] = demo["app"]["secret"]["value"]
    stack.state.write_text("env", "".join(f"{key}={value}\n" for key, value in values.items()))


def summary(stack, demo):
    environment = stack.state.root / "env"
    say(f"""
Barito runs.
  portal and API   {stack.url('market')}
  ingest           {stack.url('router')}
  fluentd forward  127.0.0.1:{stack.ports['forward']}
  syslog           127.0.0.1:{stack.ports['syslog']}
  viewer           {stack.url('viewer')}
  tail             {stack.url('tail')}
  Kafka            {stack.kafka_brokers}
  Elasticsearch    {stack.elasticsearch_url}
  for scripts      {environment}
  logs             {stack.state.log}

First administrator: {seed.market(stack, 'first-administrator')}

The demo app hello of group {demo['group']} holds {demo['shipped']}. Send it a line:
  . {environment} && curl -H "X-App-Secret: $BARITO_DEMO_SECRET" -H 'Content-Type: application/json' \\
    -d '{{"message":"hello"}}' $BARITO_ROUTER_URL/produce
""")


def bring_up(state):
    state.create()
    with state.lock():
        stack = prepare(state)
        start_missing(stack)
        token = seed.token(stack)
        write_environment(stack, token)
        demo = seed.demo(stack, token)
        write_environment(stack, token, demo)
    summary(stack, demo)
    return stack


def up(state):
    try:
        bring_up(state)
    except (StackError, signals.Interrupted):
        if state.run.is_dir() and os.access(state.run, os.W_OK) and listeners(state):
            say("What runs goes on running: `make up` starts what is missing, `make down` stops it.")
        raise


def supervisor_of(state):
    """The process of a `make run` that is in the foreground somewhere, or None."""
    record = state.read("run/supervisor.json", None)
    return record["pid"] if record and start_time(record["pid"]) == record["started"] else None


def run(state):
    state.create()
    if supervisor_of(state):
        raise StackError(
            f"`make run` is in the foreground already, as process {supervisor_of(state)}. `make down` stops it; "
            "another stack beside it: make run BARITO_STATE=FOLDER")
    state.write("run/supervisor.json", {"pid": os.getpid(), "started": start_time(os.getpid())})
    try:
        stack = bring_up(state)
        say("Ctrl-C stops it.")
        processes = [Process(state, service.name) for service in stack.services()]
        while True:
            time.sleep(0.5)
            for process in processes:
                if process.pid is None:
                    raise StackError(crashed(process))
    finally:
        signals.stopping()
        say("stopping")
        stop_all(state)
        (state.run / "supervisor.json").unlink(missing_ok=True)


def down(state):
    if not state.run.exists():
        return
    supervisor = supervisor_of(state)
    if supervisor:
        say(f"`make run` (process {supervisor}) is asked to stop")
        send(supervisor, signal.SIGTERM)
        while supervisor_of(state) == supervisor:
            time.sleep(0.1)
    with state.lock():
        signals.stopping()
        if not stop_all(state) and not supervisor:
            say("nothing runs")


def status(state):
    """Reads only: it neither chooses ports nor makes anything."""
    known = state.read("ports.json", None)
    if known is None:
        say(f"nothing was ever started in {state.root}")
        return 1
    stack = Stack(state, known, os.environ.get("BARITO_BIN") or REPOSITORY / ".build/release")
    complete = True
    for service in stack.services():
        process = Process(state, service.name)
        reason = service.not_ready() if process.pid else "stopped"
        complete = complete and reason is None
        word = "ready" if reason is None else "stopped" if not process.pid else "not ready"
        say(row(service.name, word, process.pid, service.address if word != "not ready" else reason))
    return 0 if complete else 1


def main(arguments):
    command, rest = (arguments or ["help"])[0], arguments[1:]
    if command not in ("run", "up", "down", "status", "test") or (rest and command != "test"):
        print(__doc__.strip(), file=sys.stdout if command in ("help", "--help", "-h") else sys.stderr)
        return 0 if command in ("help", "--help", "-h") else 2
    signals.install()
    state = State()
    try:
        if command == "test":
            return testrun.run(state, rest)
        return globals()[command](state) or 0
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except signals.Interrupted as interrupt:
        return 0 if command == "run" else 128 + interrupt.args[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
