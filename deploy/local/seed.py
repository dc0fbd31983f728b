"""The first token, a demo group with an app, and a few real log lines in it: what a new user looks at first."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from state import StackError

LINES = 200
LOGS = ["/var/log/syslog", "/var/log/messages", "/var/log/dpkg.log", "/var/log/apt/history.log", "/var/log/alternatives.log"]


def call(method, url, token=None, body=None, headers=None, seconds=30):
    """Status and decoded body of one request; an error status is an answer too."""
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if isinstance(body, dict):
        body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            status, content = answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        status, content = error.code, error.read().decode(errors="replace")
    except OSError as error:
        raise StackError(f"{method} {url}: {getattr(error, 'reason', error)}") from None
    try:
        return status, json.loads(content)
    except ValueError:
        return status, content


def expect(wanted, method, url, *arguments, **named):
    status, answer = call(method, url, *arguments, **named)
    if status != wanted:
        raise StackError(f"{method} {url} answered {status} instead of {wanted}: {str(answer)[:500]}")
    return answer


def market(stack, *arguments):
    """What a subcommand of barito-market prints."""
    service = stack.barito("market")
    done = subprocess.run(
        [service.argv[0], *arguments], env=service.environment, text=True, capture_output=True, cwd="/", timeout=60)
    if done.returncode != 0:
        raise StackError(f"barito-market {' '.join(arguments)} failed: {(done.stderr or done.stdout).strip()[-1000:]}")
    return done.stdout.strip()


def token(stack):
    """An administrator's API token: the one of the last time while Market accepts it."""
    known = stack.state.read("token.json", {}).get("token")
    if known and call("GET", f"{stack.url('market')}/api/v1/groups/none", known)[0] not in (401, 403):
        return known
    fresh = market(stack, "create-token", "--name", "local", "--scopes", "admin").splitlines()[-1].strip()
    stack.state.write("token.json", {"token": fresh})
    return fresh


def demo(stack, token):
    """The demo app, made at the first start. Written down step by step: a start that fails goes on where it was."""
    api = f"{stack.url('market')}/api/v1"
    known = stack.state.read("demo.json", {})
    if "app" in known and call("GET", f"{api}/apps/{known['app']['id']}", token)[0] == 404:
        known = {}  # another database than last time
    if "group" in known and call("GET", f"{api}/groups/{known['group']}", token)[0] == 404:
        known = {}
    if "group" not in known:
        answer = expect(202, "POST", f"{api}/groups", token, {"name": "Demo", "template": "small"})
        known = {"group": answer["cluster_name"]}
        stack.state.write("demo.json", known)
    wait_until_active(f"{api}/groups/{known['group']}", token)
    if "app" not in known:
        known["app"] = expect(201, "POST", f"{api}/groups/{known['group']}/apps", token, {"name": "hello"})
        stack.state.write("demo.json", known)
    if "shipped" not in known:
        known["shipped"] = ship(stack, known["app"]["secret"]["value"])
        stack.state.write("demo.json", known)
    return known


def wait_until_active(url, token, seconds=90):
    deadline = time.monotonic() + seconds
    while True:
        group = expect(200, "GET", url, token)
        if group["status"] == "ACTIVE":
            return
        if group["status"].endswith("_ERROR") or time.monotonic() > deadline:
            raise StackError(
                f"the demo group is {group['status']}, not ACTIVE, after {seconds} s at most. The reason stands in the "
                "provisioner's and the market's log; `make up` tries again.")
        time.sleep(0.2)


def own_log():
    """The first of this machine's logs that we may read, with its last lines."""
    for path in map(Path, LOGS):
        try:
            with open(path, "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 256 * 1024))
                lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
        except OSError:
            continue
        if lines:
            return str(path), lines[-LINES:]
    return "the demo", [f"hello from Barito, line {number}" for number in range(1, 11)]


def ship(stack, secret):
    """Sends them as a shipper would. A fresh app is known to the Router within seconds: 401 and 503 are asked again."""
    source, lines = own_log()
    body = "".join(json.dumps({"message": line, "source": source}) + "\n" for line in lines).encode()
    headers = {"X-App-Secret": secret, "Content-Type": "application/x-ndjson"}
    deadline = time.monotonic() + 30
    while True:
        status, answer = call("POST", f"{stack.url('router')}/produce_batch", None, body, headers)
        if status == 200:
            return f"{len(lines)} lines of {source}"
        if status not in (401, 429, 503) or time.monotonic() > deadline:
            raise StackError(f"the Router answered {status} to the demo's lines: {str(answer)[:500]}")
        time.sleep(0.2)
