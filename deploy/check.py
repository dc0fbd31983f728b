#!/usr/bin/env python3
"""Holds docker-compose.yml and deploy/Dockerfile against each other and against the services, without a Docker engine.

Prints what is wrong and how to mend it, one line each, and exits 1; silent and 0 when all is well.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
SERVICES = ("market", "router", "flow", "tail", "provisioner")


def instructions(text):
    """Name and arguments of every instruction, continued lines joined, comments left out."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    return [line.strip().partition(" ")[::2] for line in joined.splitlines() if line.strip()]


def stages(text):
    """The stages by name: what each is made from, and its instructions."""
    found, arguments, current = {}, {}, None
    for name, rest in instructions(text):
        if name == "ARG" and current is None:
            key, _, value = rest.partition("=")
            arguments[key] = value
        elif name == "FROM":
            words = re.sub(r"\$\{(\w+)\}", lambda match: arguments.get(match[1], ""), rest).split()
            alias = words[2] if len(words) == 3 and words[1].upper() == "AS" else None
            current = found.setdefault(alias or str(len(found)), {"from": words[0], "lines": []})
        elif current is not None:
            current["lines"].append((name, rest.strip()))
    return found


def inherited(found, stage):
    """Its instructions after those of the stages that it is made from."""
    lines = []
    while stage in found:
        lines = found[stage]["lines"] + lines
        stage = found[stage]["from"]
    return lines


def unpinned(image):
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    return "@" not in image and tag in ("", "latest")


def check_dockerfile(text, context):
    found, problems, earlier = stages(text), [], []
    for name, stage in found.items():
        if stage["from"] not in earlier and unpinned(stage["from"]):
            problems.append(f"stage {name}: the image '{stage['from']}' has no pinned tag")
        for instruction, rest in stage["lines"]:
            words = shlex.split(rest) if instruction == "COPY" else []
            source = [word.partition("=")[2] for word in words if word.startswith("--from=")]
            if source and source[0] not in earlier:
                problems.append(f"stage {name}: COPY --from={source[0]} names no earlier stage")
            if words and not source:
                problems += [
                    f"stage {name}: COPY {word}: there is no such file" for word in words[:-1]
                    if not word.startswith("--") and not (context / word).exists()]
        earlier.append(name)
    for service in SERVICES:
        lines = inherited(found, service)
        if not lines:
            problems.append(f"there is no stage '{service}'")
            continue
        last = dict(lines)
        if last.get("USER", "root").partition(":")[0] in ("root", "0"):
            problems.append(f"stage {service}: runs as root; add USER")
        if f'"barito-{service}", "health"' not in last.get("HEALTHCHECK", ""):
            problems.append(f"stage {service}: HEALTHCHECK does not run `barito-{service} health`")
        if f'"barito-{service}"' not in last.get("ENTRYPOINT", ""):
            problems.append(f"stage {service}: ENTRYPOINT is not barito-{service}")
    return problems


def check_packages(dockerfile, install, manifest, ignore):
    """Every C library of Package.swift can be had where the project is built, and every folder of it is in the image's build."""
    packages = set(re.findall(r'debian: "([^"]+)"', manifest))
    builder = stages(dockerfile).get("builder", {"lines": []})["lines"]
    in_image = " ".join(rest for name, rest in builder if name == "RUN").split()
    build_group = re.search(r'\[build\]="([^"]*)"', install)
    in_script = build_group[1].split() if build_group else []
    problems = [f"the builder does not install {package}, which Package.swift needs" for package in sorted(packages - set(in_image))]
    problems += [
        f"install.sh's group 'build' does not install {package}, which Package.swift needs"
        for package in sorted(packages - set(in_script))]
    copied = {word for name, rest in builder if name == "COPY" for word in rest.split()[:-1]}
    folders = {path.partition("/")[0] for path in re.findall(r'path: "(\w+)/', manifest)}
    problems += [f"the builder does not COPY {folder}, which Package.swift lists" for folder in sorted(folders - copied)]
    kept = {line.removeprefix("!") for line in ignore.split() if line.startswith("!")}
    problems += [
        f"Dockerfile.dockerignore leaves out {folder}, which Package.swift lists: add !{folder}"
        for folder in sorted(folders - kept)]
    return problems


def check_compose(text, dockerfile_stages, example, context, known=None):
    """`known` answers the environment names that a service understands, or None where that cannot be asked yet."""
    try:
        compose = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return [f"not YAML: {error}"]
    problems, services = [], compose.get("services") or {}
    problems += [f"there is no service '{name}'" for name in SERVICES if name not in services]
    for name, service in services.items():
        say = lambda what: problems.append(f"service {name}: {what}")
        build = service.get("build")
        if build:
            if not (context / build.get("context", ".") / build["dockerfile"]).exists():
                say(f"there is no {build['dockerfile']}")
            if build.get("target") not in dockerfile_stages:
                say(f"the Dockerfile has no stage '{build.get('target')}'")
        elif unpinned(service.get("image", "")):
            say(f"the image '{service.get('image')}' has no pinned tag")
        if "healthcheck" not in service and service.get("restart") != "no":
            say("has no healthcheck")
        for other, how in (service.get("depends_on") or {}).items():
            if other not in services:
                say(f"depends on '{other}', which does not exist")
            elif how.get("condition") == "service_healthy" and "healthcheck" not in services[other]:
                say(f"waits for the health of '{other}', which has no healthcheck")
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if not source.startswith((".", "/")) and source not in (compose.get("volumes") or {}):
                say(f"the volume '{source}' is not declared")
        for network in service.get("networks", []):
            if network not in (compose.get("networks") or {}):
                say(f"the network '{network}' is not declared")
        names = {key for key in service.get("environment") or {} if key.startswith("BARITO_")}
        understood = known(name) if known and name in SERVICES else None
        if understood is not None:
            families = tuple(known_name for known_name in understood if known_name.endswith("_"))
            for key in sorted(names - understood):
                if key.startswith(families):  # such as BARITO_KAFKA_PROPERTY_LINGER_MS
                    continue
                say(f"'{key}' is no setting of barito-{name}; see barito-{name} --print-config-table")
        for key, value in (service.get("environment") or {}).items():
            if re.search(r"PASSWORD|TOKEN|SECRET", key) and not re.match(r"\$\{\w+:\?[^}]+\}$", str(value)):
                say(f"{key} must come from .env and have no default: ${{NAME:?message}}")
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    given = set(re.findall(r"^(\w+)=", example, re.M))
    problems += [f"'{name}' is used but not in deploy/.env.example" for name in sorted(used - given)]
    problems += [f"'{name}' of deploy/.env.example is not used" for name in sorted(given - used)]
    problems += [
        f"deploy/.env.example gives '{match[1]}' a value: secrets must stay empty"
        for match in re.finditer(r"^(\w*(?:PASSWORD|TOKEN|SECRET)\w*)=(\S+)", example, re.M)]
    required = set(re.findall(r"(?<!\$)\$\{(\w+):\?", text))
    optional = set(re.findall(r"(?<!\$)\$\{(\w+):-", text))
    problems += [f"'{name}' is never required: say ${{{name}:?message}} once" for name in sorted(used - required - optional)]
    return problems


def settings_of(service):
    """The names in the environment that the built program understands; None when it is not built or is a placeholder."""
    for configuration in ("release", "debug"):
        program = REPOSITORY / ".build" / configuration / f"barito-{service}"
        if program.exists():
            done = subprocess.run([program, "--print-config-table"], capture_output=True, text=True, timeout=60)
            names = set(re.findall(r"\bBARITO_[A-Z0-9_]+", done.stdout))
            return names if done.returncode == 0 and names else None
    return None


def documented_metrics():
    """Every metric in a table of a service's README."""
    rows = [line for service in SERVICES for line in readme_of(service).splitlines() if line.startswith("| `barito_")]
    return {row.split("`")[1] for row in rows}


def readme_of(service):
    return (REPOSITORY / "Services" / service.capitalize() / "README.md").read_text()


def check_rules(text, metrics):
    """Alert rules: well formed, each with what a person needs, and of metrics that there are."""
    try:
        groups = yaml.safe_load(text)["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        return [f"is no file of rules: {error}"]
    problems, seen = [], set()
    for rule in rules:
        name = rule.get("alert", "a rule without a name")
        if name in seen:
            problems.append(f"{name} is there twice")
        seen.add(name)
        if not rule.get("expr"):
            problems.append(f"{name} has no expr")
        if rule.get("labels", {}).get("severity") not in ("page", "ticket"):
            problems.append(f"{name}: severity is neither page nor ticket")
        problems += [f"{name} has no {key}" for key in ("summary", "action") if not rule.get("annotations", {}).get(key)]
        for metric in re.findall(r"\bbarito_[a-z_]+", " ".join([str(rule.get("expr")), *rule.get("annotations", {}).values()])):
            if metric not in metrics and re.sub(r"_(bucket|sum|count)$", "", metric) not in metrics:
                problems.append(f"{name}: no service's README has the metric {metric}")
    return problems


def main():
    dockerfile = (REPOSITORY / "deploy/Dockerfile").read_text()
    compose = (REPOSITORY / "docker-compose.yml").read_text()
    example = (REPOSITORY / "deploy/.env.example").read_text()
    problems = [f"deploy/Dockerfile: {problem}" for problem in check_dockerfile(dockerfile, REPOSITORY)]
    problems += check_packages(
        dockerfile, (REPOSITORY / "deploy/local/install.sh").read_text(), (REPOSITORY / "Package.swift").read_text(),
        (REPOSITORY / "deploy/Dockerfile.dockerignore").read_text())
    problems += [
        f"docker-compose.yml: {problem}"
        for problem in check_compose(compose, stages(dockerfile), example, REPOSITORY, settings_of)]
    rules = (REPOSITORY / "deploy/prometheus/barito.rules.yml").read_text()
    problems += [f"barito.rules.yml: {problem}" for problem in check_rules(rules, documented_metrics())]
    print("\n".join(problems), end="\n" if problems else "", file=sys.stderr)
    unasked = [service for service in SERVICES if settings_of(service) is None]
    if unasked:
        print(f"not asked for their settings, as they are not built: {', '.join(unasked)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
