"""Runs the Router at most of its capacity for a long time, hurts its Kafka at the end, and judges what it costs.

    soak.py [--minutes 30] [--share 0.7] [--outage 30] [--watch NAME=PID …] --engines ENGINE

It measures what the Router takes at once, then sends that share of it, and looks every ten seconds at memory, open files
and the 99th percentile of answers. Other processes, such as a Flow of `make up`, are looked at with --watch. Writes
docs/results/soak.md; ends with 1 when memory grows or answers grow slower beyond the bounds below.
"""
import argparse
import hashlib
import http.client
import json
import multiprocessing
import os
import pathlib
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import verdict

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = "secret-of-the-soak"
LINES = 500
CONNECTIONS = 8


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def snapshot(kafka):
    """The profiles of one group with one app, as the Router keeps them."""
    cluster = {
        "kafka_brokers": kafka, "elasticsearch_url": "http://127.0.0.1:1", "naming": {"prefix": "", "suffix": "_logs"},
        "partitions": 4, "replication_factor": 1, "minimum_insync_replicas": 1}
    group = {
        "cluster_name": "soak", "name": "Soak", "status": "active", "secrets": [], "cluster": cluster,
        "maximum_apps": 100, "limits": {}, "deleted": False}
    app = {
        "id": 1, "cluster_name": "soak", "name": "soak", "topic_name": "soak", "status": "active",
        "secrets": [hashlib.sha256(SECRET.encode()).hexdigest()], "limits": {}, "overload": "refuse",
        "retention_days": 30, "probe": False, "deleted": False}
    return {"version": 1, "more": False, "groups": [group], "apps": [app]}


def body(number):
    line = '{"@timestamp":"2026-11-22T10:00:00Z","n":%d,"message":"%s"}'
    return "\n".join(line % (number * LINES + place, "GET /orders/%d 200 " % place * 7) for place in range(LINES)).encode()


def send(port, rate, shares, results, number):
    """Sends batches at the rate that `shares` holds, 0 for as fast as it goes, and reports (when, seconds, status).

    A batch that is late counts from when it should have been sent: a slow Router must not slow its own measurement.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection, batch, due = None, body(number), time.monotonic()
    headers = {"X-App-Secret": SECRET, "Content-Type": "application/x-ndjson"}
    while not shares.value:
        if rate.value > 0:
            due = max(due + 1 / rate.value, time.monotonic() - 10)
            time.sleep(max(0, due - time.monotonic()))
        else:
            due = time.monotonic()
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("POST", "/produce_batch", batch, headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except OSError as error:
            connection, status = None, type(error).__name__
        except http.client.HTTPException as error:
            connection, status = None, type(error).__name__
        results.put((time.monotonic(), time.monotonic() - due, status))
        if status != 200:
            time.sleep(0.2)


class Load:
    def __init__(self, port, rate=0):
        self.results = multiprocessing.Queue()
        self.rate, self.over = multiprocessing.Value("d", rate), multiprocessing.Value("b", 0)
        self.senders = [
            multiprocessing.Process(target=send, args=(port, self.rate, self.over, self.results, number), daemon=True)
            for number in range(CONNECTIONS)]
        for sender in self.senders:
            sender.start()

    def during(self, seconds):
        """What was answered in so many seconds: latencies of what was taken, and how many answers of each other kind."""
        taken, others, end = [], {}, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                _, latency, status = self.results.get(timeout=left)
            except queue.Empty:
                break
            if status == 200:
                taken.append(latency)
            else:
                others[status] = others.get(status, 0) + 1
        return taken, others

    def stop(self):
        self.over.value = 1
        for sender in self.senders:
            sender.join(2)
            sender.kill()


def look(pid):
    """Resident MiB and open files of a process."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024, len(os.listdir(f"/proc/{pid}/fd"))
    raise SystemExit(f"process {pid} has ended")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else float("inf")


def outage(load, kafka, router, seconds):
    """Stops the broker's process for a while, as a machine that hangs does.

    Returns the most memory meanwhile, what was answered, and how long it took until lines were taken again."""
    broker = int((kafka / "0" / "pid").read_text())
    peak, others = 0, {}
    os.kill(broker, signal.SIGSTOP)
    try:
        for _ in range(seconds):
            for status, count in load.during(1)[1].items():
                others[status] = others.get(status, 0) + count
            peak = max(peak, look(router)[0])
    finally:
        os.kill(broker, signal.SIGCONT)
    start = time.monotonic()
    while not load.during(1)[0]:
        if time.monotonic() - start > 120:
            return peak, others, None
    return peak, others, time.monotonic() - start


def start_router(program, folder, kafka, port, log):
    profiles = folder / "profiles.json"
    profiles.write_text(json.dumps(snapshot(kafka)))
    return subprocess.Popen(
        [program, "--http-address", f"127.0.0.1:{port}", "--viewer-address", "127.0.0.1:0", "--admin-address",
         "127.0.0.1:0", "--market-url", "http://127.0.0.1:1", "--kafka-brokers", kafka, "--snapshot-path", profiles],
        env={"PATH": os.environ["PATH"], "BARITO_SERVICE_TOKEN": "no-market-is-there-to-ask"}, stdout=log, stderr=log,
        process_group=0)


def await_router(router, port):
    for _ in range(300):
        if router.poll() is not None:
            raise SystemExit("the Router has ended")
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=2).read()
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the Router does not answer")


def soak(options, folder, kafka_folder):
    address = subprocess.run(
        # What was read is of no use to anybody, and half an hour of it would fill the disk.
        [options.engines, "start", "kafka", kafka_folder, "--set", "log.retention.bytes=268435456", "--set",
         "log.segment.bytes=67108864", "--set", "log.retention.check.interval.ms=10000"],
        check=True, capture_output=True, text=True).stdout.split()[-1]
    port = free_ports(1)[0]
    with open(folder / "router.log", "wb") as log:
        router = start_router(options.router, folder, address, port, log)
        load = None
        try:
            await_router(router, port)
            load = Load(port)
            load.during(5)
            capacity = len(load.during(10)[0]) / 10
            load.rate.value = options.share * capacity / CONNECTIONS
            print(f"takes {capacity * LINES:,.0f} lines/s; now {options.share:.0%} of it", flush=True)
            load.during(5)
            watched = {"router": router.pid, **{name: int(pid) for name, pid in (each.split("=") for each in options.watch)}}
            samples, failed = {name: [] for name in watched}, {}
            latencies = []
            end = time.monotonic() + options.minutes * 60
            while time.monotonic() < end:
                taken, others = load.during(options.interval)
                for status, count in others.items():
                    failed[status] = failed.get(status, 0) + count
                latencies.append(percentile(taken, 0.99) * 1000)
                for name, pid in watched.items():
                    samples[name].append(look(pid))
                memory, files = samples["router"][-1]
                print(f"{len(taken) / options.interval * LINES:>12,.0f} lines/s  p99 {latencies[-1]:7.1f} ms  "
                      f"{memory:6.1f} MiB  {files} files", flush=True)
            hurt = outage(load, kafka_folder, router.pid, options.outage) if options.outage else None
            return capacity, samples, latencies, failed, hurt
        finally:
            if load:
                load.stop()
            router.terminate()
            try:
                router.wait(40)
            except subprocess.TimeoutExpired:
                router.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--share", type=float, default=0.7, help="of the capacity that is measured first")
    parser.add_argument("--outage", type=int, default=30, help="seconds that the broker stands still at the end; 0 for none")
    parser.add_argument("--interval", type=float, default=10, help="seconds between two samples")
    parser.add_argument("--watch", action="append", default=[], metavar="NAME=PID", help="another process to look at")
    parser.add_argument("--engines", required=True, help="the command that starts real servers")
    parser.add_argument("--router", default=ROOT / ".build/release/barito-router", type=pathlib.Path)
    parser.add_argument("--output", default=ROOT / "docs/results/soak.md", type=pathlib.Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="barito-soak-") as name:
        folder = pathlib.Path(name)
        try:
            measured = soak(options, folder, folder / "kafka")
        except BaseException:
            log = folder / "router.log"
            if log.exists():
                print("\n".join(log.read_text(errors="replace").splitlines()[-15:]), file=sys.stderr)
            raise
        finally:
            subprocess.run([options.engines, "stop", folder / "kafka"], capture_output=True)
    page, complaints = verdict.page(options, LINES, *measured)
    options.output.write_text(page)
    print(page)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
