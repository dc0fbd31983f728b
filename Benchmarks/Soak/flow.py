"""Runs Flow at most of its capacity for a long time, takes its Elasticsearch away at the end, and judges what it costs.

    flow.py [--minutes 30] [--share 0.7] [--outage 60] --engines ENGINE

Lines go through a Router into real Kafka, and from there through Flow into real Elasticsearch. First it measures how fast Flow gets through a
backlog, then it sends that share of it, and looks every ten seconds at Flow's memory, open files and lag. Then Elasticsearch is
stopped for a while and started again: how long until nothing is behind any more? Writes docs/results/soak-flow.md; ends with 1 when
something is beyond its bound.
"""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import flow_verdict
from soak import CONNECTIONS, LINES, ROOT, Load, await_router, free_ports, look, start_router


class Flow:
    """Flow as a process, and what it tells of itself."""

    def __init__(self, program, folder, kafka, elasticsearch):
        self.admin = f"127.0.0.1:{free_ports(1)[0]}"
        with open(folder / "flow.log", "ab") as log:
            self.process = subprocess.Popen(
                [program, "--admin-address", self.admin, "--kafka-brokers", kafka, "--elasticsearch-url", elasticsearch,
                 "--market-url", "http://127.0.0.1:1", "--snapshot-path", folder / "profiles.json"],
                env={"PATH": os.environ["PATH"], "BARITO_SERVICE_TOKEN": "no-market-is-there-to-ask"}, stdout=log,
                stderr=log, process_group=0)

    def metrics(self):
        """Sums by name; none while it does not answer."""
        if self.process.poll() is not None:
            raise SystemExit("Flow has ended")
        sums = {}
        try:
            text = urllib.request.urlopen(f"http://{self.admin}/metrics", timeout=10).read().decode()
        except OSError:
            return sums
        for line in text.splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                sums[name.partition("{")[0]] = sums.get(name.partition("{")[0], 0) + float(value)
        return sums

    def finished(self):
        """Documents that are there since it started."""
        metrics = self.metrics()
        return metrics.get("barito_flow_indexed_documents_total", 0) + metrics.get("barito_flow_duplicate_documents_total", 0)

    def lag(self):
        """Records and seconds, as of the last ten seconds; none while it is not known."""
        metrics = self.metrics()
        if "barito_flow_lag_records" not in metrics or "barito_flow_lag_seconds" not in metrics:
            return None
        return metrics["barito_flow_lag_records"], metrics["barito_flow_lag_seconds"]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()


def capacity(flow, seconds):
    """Documents a second, while there is a backlog."""
    deadline = time.monotonic() + 120
    while flow.finished() == 0:
        if time.monotonic() > deadline:
            raise SystemExit("Flow indexes nothing")
        time.sleep(0.5)
    time.sleep(5)
    before, start = flow.finished(), time.monotonic()
    time.sleep(seconds)
    if (flow.lag() or (0, 0))[0] == 0:
        raise SystemExit("the backlog was too small to measure with")
    return (flow.finished() - before) / (time.monotonic() - start)


def await_no_lag(flow, few, seconds):
    """How long it took; none when it was not done in time."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        lag = flow.lag()
        if lag and lag[0] <= few:
            return time.monotonic() - start
        time.sleep(1)
    return None


def outage(options, load, flow, elasticsearch, few):
    """Stops Elasticsearch for a while. Returns the most memory meanwhile, the most lag, and the time until it was gone."""
    peak, behind = 0, 0
    subprocess.run([options.engines, "stop", elasticsearch], check=True, capture_output=True)
    for _ in range(options.outage):
        load.during(1)
        peak = max(peak, look(flow.process.pid)[0])
    subprocess.run([options.engines, "restart", elasticsearch], check=True, capture_output=True)
    start = time.monotonic()
    while time.monotonic() - start < options.patience:
        load.during(1)
        peak = max(peak, look(flow.process.pid)[0])
        lag = flow.lag()
        behind = max(behind, lag[0] if lag else 0)
        if lag and behind > few and lag[0] <= few:
            return peak, behind, time.monotonic() - start
    return peak, behind, None


def start(engines, *arguments):
    return subprocess.run([engines, "start", *arguments], check=True, capture_output=True, text=True).stdout.split()[-1]


def soak(options, folder, kafka_folder, elasticsearch_folder):
    kafka = start(options.engines, "kafka", kafka_folder)
    elasticsearch = start(options.engines, "elasticsearch", elasticsearch_folder, "--heap", "1g")
    port = free_ports(1)[0]
    with open(folder / "router.log", "wb") as log:
        router, flow, load = start_router(options.router, folder, kafka, port, log), None, None
        try:
            await_router(router, port)
            load = Load(port)
            load.during(options.backlog)
            load.stop()
            flow = Flow(options.flow, folder, kafka, elasticsearch)
            rate = capacity(flow, 15)
            print(f"indexes {rate:,.0f} lines/s; now {options.share:.0%} of it", flush=True)
            few = 3 * rate
            if await_no_lag(flow, few, options.patience) is None:
                raise SystemExit("Flow does not get through the first backlog")
            load = Load(port, options.share * rate / LINES / CONNECTIONS)
            load.during(15)
            samples, end = [], time.monotonic() + options.minutes * 60
            while time.monotonic() < end:
                taken, _ = load.during(options.interval)
                memory, files = look(flow.process.pid)
                records, seconds = flow.lag() or (float("inf"), float("inf"))
                samples.append((memory, files, records, seconds))
                print(f"{len(taken) / options.interval * LINES:>12,.0f} lines/s sent  {records:>10,.0f} behind, {seconds:5.1f} s  "
                      f"{memory:6.1f} MiB  {files} files", flush=True)
            hurt = outage(options, load, flow, elasticsearch_folder, few) if options.outage else None
            return rate, samples, hurt
        finally:
            if load:
                load.stop()
            if flow:
                flow.stop()
            router.terminate()
            router.wait(40)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--share", type=float, default=0.7, help="of the capacity that is measured first")
    parser.add_argument("--outage", type=int, default=60, help="seconds that Elasticsearch is away at the end; 0 for none")
    parser.add_argument("--interval", type=float, default=10, help="seconds between two samples")
    parser.add_argument("--backlog", type=float, default=15, help="seconds of lines at full speed to measure the capacity with")
    parser.add_argument("--patience", type=float, default=900, help="seconds until nothing must be behind any more")
    parser.add_argument("--engines", required=True, help="the command that starts real servers")
    parser.add_argument("--router", default=ROOT / ".build/release/barito-router", type=pathlib.Path)
    parser.add_argument("--flow", default=ROOT / ".build/release/barito-flow", type=pathlib.Path)
    parser.add_argument("--output", default=ROOT / "docs/results/soak-flow.md", type=pathlib.Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="barito-soak-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        servers = folder / "kafka", folder / "elasticsearch"
        try:
            measured = soak(options, folder, *servers)
        except BaseException:
            for log in ("router.log", "flow.log"):
                if (folder / log).exists():
                    print("\n".join((folder / log).read_text(errors="replace").splitlines()[-15:]), file=sys.stderr)
            raise
        finally:
            for server in servers:
                subprocess.run([options.engines, "stop", server], capture_output=True)
    page, complaints = flow_verdict.page(options, *measured)
    options.output.write_text(page)
    print(page)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
