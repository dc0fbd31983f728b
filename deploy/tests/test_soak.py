"""The verdict of a long run."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Benchmarks/Soak"))
import flow_verdict  # noqa: E402
import verdict  # noqa: E402


class VerdictTests(unittest.TestCase):
    flat = {"router": [(50.0 + number % 3, 40) for number in range(100)]}
    steady = [10.0, 12.0, 11.0] * 30

    def test_a_run_that_stays_as_it_is_is_within_all_bounds(self):
        self.assertEqual(verdict.judge(self.flat, self.steady, {}, (120.0, {503: 9}, 2.0)), [])

    def test_memory_that_grows_is_told(self):
        grown = {"router": [(50.0 + number, 40) for number in range(100)]}
        self.assertIn("grew by 79 MiB", verdict.judge(grown, self.steady, {}, None)[0])

    def test_growth_at_the_beginning_is_no_leak(self):
        warm = {"router": [(min(50.0 + 10 * number, 150.0), 40) for number in range(100)]}
        self.assertEqual(verdict.judge(warm, self.steady, {}, None), [])

    def test_files_that_stay_open_are_told(self):
        grown = {"router": [(50.0, 40 + number) for number in range(100)]}
        self.assertEqual(len(verdict.judge(grown, self.steady, {}, None)), 1)

    def test_answers_that_grow_slower_are_told(self):
        self.assertEqual(len(verdict.judge(self.flat, [10.0 + 3 * number for number in range(90)], {}, None)), 1)

    def test_an_outage_without_recovery_or_with_resets_is_told(self):
        self.assertEqual(len(verdict.judge(self.flat, self.steady, {}, (900.0, {"ConnectionResetError": 1}, None))), 3)


class FlowVerdictTests(unittest.TestCase):
    flat = [(150.0 + number % 3, 30, 900.0 + number % 5, 1.0) for number in range(90)]

    def test_a_run_that_stays_as_it_is_is_within_all_bounds(self):
        self.assertEqual(flow_verdict.judge(10_000, self.flat, (200.0, 600_000, 45.0)), [])

    def test_what_grows_is_told(self):
        for place, expected in ((0, "grew by"), (1, "open files"), (2, "what waits")):
            grown = [tuple(v + (n * (2000 if i == 2 else 2) if i == place else 0) for i, v in enumerate(each))
                     for n, each in enumerate(self.flat)]
            with self.subTest(expected):
                self.assertIn(expected, " ".join(flow_verdict.judge(10_000, grown, None)))

    def test_an_outage_without_recovery_is_told(self):
        self.assertEqual(len(flow_verdict.judge(10_000, self.flat, (900.0, 600_000, None))), 2)


if __name__ == "__main__":
    unittest.main()
