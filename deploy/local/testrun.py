"""`swift test` beside servers of its own, which are stopped whatever happens."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import noida
import ports
import shippers
import signals
from postgres import Postgres
from processes import Process, send, start_time
from state import REPOSITORY, StackError, State


def run(state, arguments):
    state.create()
    venv = state.root / "venv"
    with state.lock():
        clear_leftovers(state.root / "test")
        if not named():
            noida.install(venv)
        clients = install_shippers(state.root / "shippers")
    (state.root / "test").mkdir(mode=0o711, exist_ok=True)
    folder = state.root / "test" / str(os.getpid())
    scratch = State(folder)
    scratch.create()
    with contextlib.ExitStack() as stack:
        # First in, last out: what it holds is removed after its servers have stopped.
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(remove_database, scratch)
        try:
            environment = environment_with_servers(stack, scratch, venv) | clients
            return swift_test(arguments, environment) if arguments_narrow(arguments) else everything(arguments, environment)
        finally:
            signals.stopping()


def install_shippers(folder):
    """Clients that are not ours. Where they are not to be had the tests that need them say that they are left out."""
    try:
        shippers.install(folder)
    except StackError as error:
        if os.environ.get("CI"):
            raise
        print(f"left out, tests with clients that are not ours: {error}", file=sys.stderr, flush=True)
        return {}
    # Their Python has the packages that some codecs are compared with.
    return {"BARITO_TEST_SHIPPERS": str(folder), "BARITO_TEST_PYTHON": str(folder / "python/bin/python")}


def arguments_narrow(arguments):
    return any(argument in ("--filter", "--skip") for argument in arguments)


def everything(arguments, environment):
    """Every test target after the other, the browser's and the whole platform's tests last.

    Tests of one target run side by side. All targets at once would be hundreds of servers and clients on two cores: they
    would measure each other's patience.
    """
    targets = sorted(path.name for path in (REPOSITORY / "Tests").glob("*Tests") if path.name != "AcceptanceTests")
    filters = [["--filter", rf"^{name}\.", "--skip", "Browser"] for name in targets]
    filters += [["--filter", "Browser"], ["--filter", r"^AcceptanceTests\."]]
    failed = [each[1] for each in filters if swift_test([*arguments, *each], environment) != 0]
    print(f"failed: {', '.join(failed)}" if failed else f"{len(filters)} runs, none failed", flush=True)
    return 1 if failed else 0


def environment_with_servers(stack, scratch, venv):
    environment = dict(os.environ)
    for name in ("BARITO_STATE", "BARITO_PORTS", "BARITO_KAFKA", "BARITO_ELASTICSEARCH"):
        environment.pop(name, None)
    environment |= start_postgres(stack, scratch)
    return environment | (named() or start_noida(stack, scratch, venv) | start_engines(stack, scratch.root))


def named():
    """Servers that the caller wants to be used instead of noida-db and the packed engines.

    Not those of a running stack, whose `env` the shell has read: it names BARITO_PSQL beside them.
    """
    if os.environ.get("BARITO_PSQL"):
        return {}
    given = {key: os.environ.get(f"BARITO_{key}") for key in ("KAFKA", "ELASTICSEARCH")}
    if not any(given.values()):
        return {}
    if not all(given.values()):
        raise StackError("BARITO_KAFKA and BARITO_ELASTICSEARCH belong together for tests: set both, or neither")
    return {f"BARITO_TEST_{key}{suffix}": value for key, value in given.items() for suffix in ("", "_EMBEDDED")}


def start_postgres(stack, scratch):
    server = Postgres(scratch, ports.free_port(), durable=False)
    server.initialise()
    process = Process(scratch, "postgres")
    stack.callback(process.stop, signal.SIGINT)
    process.start(server.arguments(), server.environment, "", server.account)
    wait(process, server.not_ready)
    return {"BARITO_TEST_POSTGRES": server.url("postgres")}


def remove_database(scratch):
    # It may live outside of the folder, where PostgreSQL's account can go.
    link = scratch.root / "postgres"
    if link.is_symlink():
        shutil.rmtree(link.resolve(), ignore_errors=True)


def start_noida(stack, scratch, venv):
    kafka = ports.free_port()
    chosen = {"kafka": kafka, "elasticsearch": ports.free_port([kafka])}
    process = Process(scratch, "noida")
    stack.callback(process.stop)
    process.start(noida.arguments(noida.program(venv), scratch.root / "noida", chosen), dict(os.environ), "")
    wait(process, lambda: noida.not_ready(chosen))
    return {
        "BARITO_TEST_NOIDA": str(noida.program(venv)),
        "BARITO_TEST_PACER": str(noida.PACER),
        "BARITO_TEST_KAFKA_EMBEDDED": f"127.0.0.1:{chosen['kafka']}",
        "BARITO_TEST_ELASTICSEARCH_EMBEDDED": f"http://127.0.0.1:{chosen['elasticsearch']}",
    }


def wait(process, not_ready, seconds=60):
    deadline = time.monotonic() + seconds
    while (reason := not_ready()) is not None:
        if process.pid is None or time.monotonic() > deadline:
            raise StackError(f"{process.name} for the tests does not serve: {reason}\n" + "\n".join(process.last_lines()))
        time.sleep(0.05)


def engine_command():
    """The command that starts real servers, where there is one."""
    given = os.environ.get("BARITO_ENGINES")
    path = Path(given) if given else REPOSITORY.parent / "shared/engines/engine"
    path = path / "engine" if path.is_dir() else path
    if given and not os.access(path, os.X_OK):
        raise StackError(f"BARITO_ENGINES names {path}, which is not a command")
    return path if os.access(path, os.X_OK) else None


def start_engines(stack, folder):
    """Real Kafka and Elasticsearch. Where they are not to be had the tests that need them say that they are left out."""
    command = engine_command()
    if command is None:
        return {}
    wanted = {"kafka": [], "elasticsearch": ["--heap", "512m"]}
    first = {name: start_engine(stack, command, name, folder / name, options) for name, options in wanted.items()}
    found = {"BARITO_TEST_ENGINE": str(command)}
    for name, process in first.items():
        out, error = process.communicate()
        if process.returncode != 0:
            # On a machine full of other work a JVM may die while it starts. Once is bad luck, twice is a fault.
            complaint = (error or out).strip()
            print(f"{name} did not start, once more: {complaint[:300]}", file=sys.stderr, flush=True)
            process = start_engine(stack, command, name, folder / f"{name}-again", wanted[name])
            out, error = process.communicate()
        if process.returncode != 0:
            complaint = (error or out).strip()
            raise StackError(f"{command} start {name} failed twice: {complaint[:300]}\n...\n{complaint[-1500:]}")
        found[f"BARITO_TEST_{name.upper()}"] = out.strip().splitlines()[-1]
    return found


def start_engine(stack, command, name, folder, options):
    stack.callback(stop_engine, command, folder)
    with signals.held():
        process = subprocess.Popen(
            [command, "start", name, folder, *options], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            process_group=0)  # Ctrl-C is for us; the engine is stopped through its folder
        stack.callback(ended, process)
    return process


def ended(process):
    """An engine that is still starting when we must go has to be through with it before it can be stopped."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(60)


def stop_engine(command, folder):
    if folder.exists():
        subprocess.run([command, "stop", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0)


def swift_test(arguments, environment):
    with signals.held():
        child = subprocess.Popen(["swift", "test", *arguments], cwd=REPOSITORY, env=environment, process_group=0)
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            stop_tree(child)


def stop_tree(child, seconds=10):
    """swift test gives the tests a process group of their own and leaves them running when it is told to stop."""
    tree = {pid: start_time(pid) for pid in descendants(child.pid)}
    alive = lambda: [pid for pid, started in tree.items() if started and start_time(pid) == started]
    for what in (signal.SIGTERM, signal.SIGKILL):
        for pid in alive():
            send(pid, what)
        deadline = time.monotonic() + seconds
        while alive() and time.monotonic() < deadline:
            child.poll()
            time.sleep(0.05)


def descendants(pid):
    found = [pid]
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += descendants(int(child))
    return found


def clear_leftovers(root):
    """Servers of a test run that was itself killed with -9."""
    for folder in root.glob("[0-9]*"):
        if Path(f"/proc/{folder.name}").exists():
            continue
        scratch = State(folder)
        for name in ("noida", "postgres"):
            Process(scratch, name).stop(signal.SIGINT)
        for node in folder.glob("*/0/pid"):
            if engine_command():
                stop_engine(engine_command(), node.parents[1])
        remove_database(scratch)
        shutil.rmtree(folder, ignore_errors=True)
