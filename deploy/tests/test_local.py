"""The parts of the local stack that decide: ports, process identity, stopping, settings of the services."""

import contextlib
import os
import signal
import socket
import stat
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "deploy/local"))
import ports  # noqa: E402
import seed  # noqa: E402
import testrun  # noqa: E402
from processes import Process  # noqa: E402
from services import Stack  # noqa: E402
from state import StackError, State  # noqa: E402


class StateCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = State(folder.name)
        self.state.create()

    @contextlib.contextmanager
    def listening(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield server.getsockname()[1]


class PortTests(StateCase):
    def test_chosen_ports_stay_the_same(self):
        first = ports.choose(self.state, set(), "free")
        self.assertEqual(len(set(first.values())), len(ports.KNOWN | ports.INNER))
        self.assertEqual(ports.choose(self.state, set(), ""), first)

    def test_a_known_port_that_is_taken_is_an_error_that_names_who_has_it_and_what_to_do(self):
        self.state.is_default = True
        with self.listening() as port, mock.patch.dict(ports.KNOWN, {"market": port}):
            with self.assertRaises(StackError) as caught:
                ports.choose(self.state, set(), "")
        for part in (str(port), str(os.getpid()), "BARITO_PORTS=free", "BARITO_PORTS=market="):
            self.assertIn(part, str(caught.exception))

    def test_another_state_takes_a_free_port_instead(self):
        with self.listening() as port, mock.patch.dict(ports.KNOWN, {"market": port}):
            self.assertNotEqual(ports.choose(self.state, set(), "")["market"], port)

    def test_what_runs_keeps_the_port_that_it_holds_itself(self):
        kept = ports.choose(self.state, set(), "free")
        with socket.create_server(("127.0.0.1", kept["router"])):
            self.assertEqual(ports.choose(self.state, {"router"}, "")["router"], kept["router"])
            self.assertNotEqual(ports.choose(self.state, set(), "")["router"], kept["router"])

    def test_a_wish_that_makes_no_sense_is_refused_with_the_names(self):
        for wish in ("rooter=8081", "router", "router=0", "router=70000"):
            with self.subTest(wish), self.assertRaisesRegex(StackError, "router, viewer"):
                ports.parse(wish)
        self.assertEqual(ports.parse("market=18080, router=18081"), {"market": 18080, "router": 18081})


class ProcessTests(StateCase):
    def start(self, script, name="sample"):
        process = Process(self.state, name)
        process.start([sys.executable, "-c", script], dict(os.environ), "")
        self.addCleanup(process.stop, signal.SIGKILL)
        return process

    def until(self, condition):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, "waited for 20 s")
            time.sleep(0.01)

    def test_a_process_is_found_again_and_stopped(self):
        pid = self.start("import time; time.sleep(100)").pid
        again = Process(self.state, "sample")
        self.assertEqual(again.pid, pid)
        self.assertEqual(again.pid_file.read_text(), f"{pid}\n")
        self.assertIn("stopped", again.stop())
        self.assertFalse(again.pid_file.exists())

    def test_a_later_process_with_the_same_number_is_neither_taken_for_ours_nor_stopped(self):
        process = self.start("import time; time.sleep(100)")
        pid, record = process.pid, process.record
        self.state.write("run/other.json", record | {"started": "another boot 1"})
        self.assertIsNone(Process(self.state, "other").stop())
        self.assertEqual(process.pid, pid)

    def test_one_that_ignores_the_signal_is_killed_in_the_end(self):
        process = self.start(
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(100)")
        self.until(process.last_lines)
        self.assertIn("killed", process.stop(seconds=0.2))

    def test_only_the_log_of_the_latest_run_is_shown(self):
        for word in ("first", "second"):
            process = self.start(f"print('{word}')")
            self.until(lambda: process.pid is None)
        self.assertEqual(process.last_lines(), ["second"])


class SettingsTests(StateCase):
    def stack(self, **environment):
        with mock.patch.dict(os.environ, environment):
            return Stack(self.state, ports.KNOWN | ports.INNER, "/nowhere")

    def test_secrets_are_never_arguments(self):
        for service in self.stack().services():
            for secret in (self.state.secret("service"), self.state.secret("postgres")):
                self.assertNotIn(secret, " ".join(service.argv))

    def test_files_with_secrets_are_private(self):
        self.state.secret("service")
        self.assertEqual(stat.S_IMODE((self.state.root / "secrets.json").stat().st_mode), 0o600)

    def test_with_servers_named_noida_is_not_started_and_its_property_not_given(self):
        stack = self.stack(BARITO_KAFKA="kafka:9092", BARITO_ELASTICSEARCH="http://search:9200/")
        services = {service.name: service for service in stack.services()}
        self.assertNotIn("noida", services)
        self.assertEqual(services["flow"].settings["BARITO_KAFKA_BROKERS"], "kafka:9092")
        self.assertEqual(services["flow"].settings["BARITO_ELASTICSEARCH_URL"], "http://search:9200")
        self.assertEqual(services["flow"].argv, ["/nowhere/barito-flow"])

    def test_our_own_servers_in_the_environment_are_not_taken_for_others(self):
        stack = self.stack(BARITO_KAFKA="127.0.0.1:19092", BARITO_ELASTICSEARCH="http://127.0.0.1:19200")
        self.assertEqual(set(stack.protocols), {"kafka", "elasticsearch"})

    def test_the_servers_of_another_stack_whose_env_the_shell_has_read_are_not_used(self):
        read = {"BARITO_KAFKA": "127.0.0.1:20001", "BARITO_ELASTICSEARCH": "http://127.0.0.1:20002"}
        other = self.stack(**read, BARITO_PSQL="postgresql://barito:another@127.0.0.1:20003/barito")
        self.assertEqual(set(other.protocols), {"kafka", "elasticsearch"})
        own = self.stack(**read, BARITO_PSQL=other.postgres.url("barito"))
        self.assertEqual((own.kafka, own.elasticsearch), ("127.0.0.1:20001", "http://127.0.0.1:20002"))

    def test_the_tests_use_no_servers_of_a_stack_whose_env_the_shell_has_read(self):
        servers = {"BARITO_KAFKA": "kafka:9092", "BARITO_ELASTICSEARCH": "http://search:9200"}
        with mock.patch.dict(os.environ, servers):
            self.assertEqual(testrun.named()["BARITO_TEST_KAFKA"], "kafka:9092")
        with mock.patch.dict(os.environ, servers | {"BARITO_PSQL": "postgresql://barito:x@127.0.0.1:15432/barito"}):
            self.assertEqual(testrun.named(), {})

    def test_a_setting_of_the_caller_reaches_the_services_and_the_stacks_own_do_not(self):
        with mock.patch.dict(os.environ, {"BARITO_LOG_LEVEL": "debug", "BARITO_PORTS": "free", "BARITO_API_TOKEN": "x"}):
            settings = self.stack().settings("router")
        self.assertEqual(settings["BARITO_LOG_LEVEL"], "debug")
        self.assertFalse({"BARITO_PORTS", "BARITO_API_TOKEN"} & set(settings))


class SeedTests(StateCase):
    def test_a_demo_that_exists_is_neither_made_nor_shipped_again(self):
        demo = {"group": "demo-1", "app": {"id": 1, "secret": {"value": "s"}}, "shipped": "2 lines of x"}
        self.state.write("demo.json", demo)
        stack = mock.Mock(state=self.state, url=lambda name: "http://x")
        asked = []

        def call(method, url, *_, **__):
            asked.append(method)
            return 200, {"status": "ACTIVE"}

        with mock.patch.object(seed, "call", call):
            self.assertEqual(seed.demo(stack, "token"), demo)
        self.assertEqual(set(asked), {"GET"})


if __name__ == "__main__":
    unittest.main()
