"""Fuzzes the parsers: builds them with libFuzzer, then runs each target for a while, beginning with its corpus.

    fuzz.py [--seconds N] [TARGET …]

What makes a target trap is kept under .build/fuzz/findings/TARGET: mend it, then put the file into Tests/FuzzTests/Corpus/TARGET.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRATCH = ROOT / ".build" / "fuzz"
CORPUS = ROOT / "Tests" / "FuzzTests" / "Corpus"


def build() -> pathlib.Path:
    """The fuzzer, with every library on the way instrumented for coverage."""
    command = ["swift", "build", "-c", "release", "--product", "barito-fuzz", "--scratch-path", str(SCRATCH)]
    for flag in ("-sanitize=fuzzer", "-enable-testing", "-use-ld=lld"):  # gold fails on the sanitizer's debug lines
        command += ["-Xswiftc", flag]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "BARITO_FUZZING": "1"}, check=True)
    return SCRATCH / "release" / "barito-fuzz"


def fuzz(program: pathlib.Path, target: str, seconds: int) -> bool:
    """Runs one target; true when nothing was found."""
    found = SCRATCH / "findings" / target
    grown = SCRATCH / "corpus" / target
    found.mkdir(parents=True, exist_ok=True)
    grown.mkdir(parents=True, exist_ok=True)
    command = [
        str(program), target, f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=2048",
        f"-artifact_prefix={found}/", str(grown), str(CORPUS / target),
    ]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace")
    log = SCRATCH / f"{target}.log"
    log.write_text(run.stderr + run.stdout)
    runs = re.findall(r"#(\d+)\s", run.stderr)
    coverage = re.findall(r"cov: (\d+)", run.stderr)
    state = "nothing found" if run.returncode == 0 else f"FAILED, see {log.relative_to(ROOT)}"
    print(f"{target:16} {runs[-1] if runs else 0:>10} runs, {coverage[-1] if coverage else 0:>6} edges: {state}", flush=True)
    return run.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default 60)")
    parser.add_argument("targets", nargs="*", help="only these")
    options = parser.parse_args()
    program = build()
    known = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    unknown = set(options.targets) - set(known)
    if unknown:
        print(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    results = [fuzz(program, target, options.seconds) for target in options.targets or known]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
