"""The checker must pass the files as they are, and see each of the mistakes that it is there for."""

import sys
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "deploy"))
import check  # noqa: E402

DOCKERFILE = (REPOSITORY / "deploy/Dockerfile").read_text()
COMPOSE = (REPOSITORY / "docker-compose.yml").read_text()
RULES = (REPOSITORY / "deploy/prometheus/barito.rules.yml").read_text()
EXAMPLE = (REPOSITORY / "deploy/.env.example").read_text()


class CheckTests(unittest.TestCase):
    def dockerfile(self, old="", new=""):
        self.assertIn(old, DOCKERFILE)
        return check.check_dockerfile(DOCKERFILE.replace(old, new), REPOSITORY)

    def compose(self, old="", new="", known=None, example=EXAMPLE):
        self.assertIn(old, COMPOSE)
        text = COMPOSE.replace(old, new) if old else COMPOSE
        return check.check_compose(text, check.stages(DOCKERFILE), example, REPOSITORY, known)

    def test_the_files_as_they_are_pass(self):
        self.assertEqual(check.check_dockerfile(DOCKERFILE, REPOSITORY) + self.compose(), [])

    def test_the_alert_rules_as_they_are_pass(self):
        self.assertEqual(check.check_rules(RULES, check.documented_metrics()), [])

    def test_mistakes_in_alert_rules_are_seen(self):
        for old, new, expected in (
            ("groups:", "groups", "no file of rules"),
            ("barito_flow_lag_seconds)", "barito_flow_lag_minutes)", "no service's README"),
            ("BaritoLagGrows", "BaritoLagOld", "twice"),
            ("severity: page", "severity: loud", "severity"),
            ("          summary: \"No Flow", "          text: \"No Flow", "no summary"),
            ("expr: absent(barito_flow_lag_records)", "expr:", "no expr"),
        ):
            with self.subTest(expected):
                self.assertIn(old, RULES)
                problems = check.check_rules(RULES.replace(old, new), check.documented_metrics())
                self.assertTrue(any(expected in problem for problem in problems), problems)

    def test_mistakes_in_the_dockerfile_are_seen(self):
        for old, new, expected in (
            ("USER 10001", "USER root", "runs as root"),
            ("debian:12.11-slim", "debian", "no pinned tag"),
            ("--from=builder /out/barito-flow", "--from=bilder /out/barito-flow", "names no earlier stage"),
            ("AS flow", "AS flows", "no stage 'flow'"),
            ('CMD ["barito-tail", "health"]', "CMD true", "HEALTHCHECK"),
            ("COPY Services Services", "COPY Servicez Services", "no such file"),
        ):
            with self.subTest(expected):
                self.assertTrue(any(expected in problem for problem in self.dockerfile(old, new)))

    def test_what_the_build_needs_is_there(self):
        manifest = (REPOSITORY / "Package.swift").read_text()
        install = (REPOSITORY / "deploy/local/install.sh").read_text()
        ignore = (REPOSITORY / "deploy/Dockerfile.dockerignore").read_text()
        self.assertEqual(check.check_packages(DOCKERFILE, install, manifest, ignore), [])
        for old, expected in (("libpcre2-dev", "builder does not install libpcre2-dev"), ("COPY Benchmarks", "COPY Benchmarks")):
            with self.subTest(expected):
                problems = check.check_packages(DOCKERFILE.replace(old, ""), install, manifest, ignore)
                self.assertTrue(any(expected in problem for problem in problems))
        problems = check.check_packages(DOCKERFILE, install.replace("libpcre2-dev", ""), manifest, ignore)
        self.assertEqual(problems, ["install.sh's group 'build' does not install libpcre2-dev, which Package.swift needs"])
        problems = check.check_packages(DOCKERFILE, install, manifest, ignore.replace("!Benchmarks\n", ""))
        self.assertTrue(any("add !Benchmarks" in problem for problem in problems))

    def test_mistakes_in_the_composition_are_seen(self):
        for old, new, expected in (
            ("apache/kafka:4.1.0", "apache/kafka:latest", "no pinned tag"),
            ("target: flow", "target: flo", "no stage 'flo'"),
            ("${ELASTIC_PASSWORD:?set ELASTIC_PASSWORD in .env, see deploy/.env.example}", "changeme", "must come from .env"),
            ("  router: {}\n", "", "not declared"),
            ("postgres: {condition: service_healthy}", "database: {condition: service_healthy}", "does not exist"),
            ("    healthcheck: {test: [CMD, barito-tail, health], interval: 10s, timeout: 5s, retries: 12}\n", "",
             "has no healthcheck"),
            ("${PUBLIC_URL:?", "${PUBLIC_ADDRESS:?", "not in deploy/.env.example"),
            ("services:", "services: [", "not YAML"),
        ):
            with self.subTest(expected):
                self.assertTrue(any(expected in problem for problem in self.compose(old, new)))

    def test_a_name_that_the_service_does_not_know_is_seen(self):
        known = {"BARITO_SERVICE_TOKEN", "BARITO_LOG_FORMAT"}
        problems = self.compose(known=lambda service: known if service == "flow" else None)
        self.assertTrue(any("service flow: 'BARITO_KAFKA_BROKERS' is no setting" in problem for problem in problems))
        self.assertFalse(any("BARITO_SERVICE_TOKEN" in problem for problem in problems))
        problems = self.compose(known=lambda service: known | {"BARITO_KAFKA_"} if service == "flow" else None)
        self.assertFalse(any("BARITO_KAFKA_BROKERS" in problem for problem in problems))

    def test_a_secret_in_the_example_is_seen(self):
        problems = self.compose(example=EXAMPLE.replace("ELASTIC_PASSWORD=\n", "ELASTIC_PASSWORD=changeme\n", 1))
        self.assertTrue(any("must stay empty" in problem for problem in problems))


if __name__ == "__main__":
    unittest.main()
