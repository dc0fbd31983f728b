"""Background processes that are found again by a later command: start, is it alive, stop. Never by name."""

import os
import signal
import subprocess
import time
from pathlib import Path

import signals

LOG_LIMIT = 10 << 20


def start_time(pid):
    """When the kernel started this process, in its own ticks; None when there is none, or only its zombie.

    With the boot's id this tells a process from a later one that got the same number.
    """
    try:
        # The command's name may hold spaces and brackets: the fields that matter follow the last one.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {fields[19]}"


class Process:
    """One named process of a stack: `run/NAME.pid` for scripts, `run/NAME.json` to recognise it."""

    children = {}

    def __init__(self, state, name):
        self.state, self.name = state, name
        self.log = state.log / f"{name}.log"
        self.pid_file = state.run / f"{name}.pid"

    @property
    def record(self):
        return self.state.read(f"run/{self.name}.json", {})

    @property
    def pid(self):
        """Its id while it is alive, else None."""
        record = self.record
        child = self.children.get(record.get("pid"))
        if child:
            child.poll()
        if record and start_time(record["pid"]) == record["started"]:
            return record["pid"]
        return None

    def start(self, argv, environment, fingerprint, account=None):
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            os.replace(self.log, self.log.with_suffix(".log.1"))
        if account:
            argv = account.command(argv)
        begin = self.log.stat().st_size if self.log.exists() else 0
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # A session of its own: Ctrl-C in the terminal reaches only the supervisor, which stops things in order.
            with signals.held():
                child = subprocess.Popen(
                    argv, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                    cwd="/")
                self.children[child.pid] = child
                facts = {
                    "pid": child.pid, "started": start_time(child.pid), "fingerprint": fingerprint, "log_begin": begin}
                self.state.write(f"run/{self.name}.json", facts)
                self.state.write_text(f"run/{self.name}.pid", f"{child.pid}\n")
        finally:
            os.close(log)

    def forget(self):
        self.pid_file.unlink(missing_ok=True)
        (self.state.run / f"{self.name}.json").unlink(missing_ok=True)

    def stop(self, with_signal=signal.SIGTERM, seconds=30, impatient=lambda: False):
        """Asks it to end and waits; then kills it. Returns how it went, or None when it was not running."""
        pid = self.pid
        if pid is None:
            self.forget()
            return None
        begin = time.monotonic()
        send(pid, with_signal)
        killed = False
        while self.pid is not None:
            if not killed and (impatient() or time.monotonic() - begin > seconds):
                killed = True
                send(pid, signal.SIGKILL)
            time.sleep(0.02)
        self.forget()
        return f"{'killed' if killed else 'stopped'} after {time.monotonic() - begin:.1f} s"

    def last_lines(self, count=15):
        """The end of what its latest run has logged."""
        try:
            with open(self.log, "rb") as file:
                file.seek(max(self.record.get("log_begin", 0), os.fstat(file.fileno()).st_size - 64 * 1024))
                return file.read().decode(errors="replace").splitlines()[-count:]
        except FileNotFoundError:
            return []


def send(pid, what):
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        pass
