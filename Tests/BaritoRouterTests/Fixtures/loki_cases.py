#!/usr/bin/env python3
"""Writes Loki push requests and the documents that they become, encoded by the official protobuf package.

usage: loki_cases.py > loki_cases.jsonl        the cases that tests hold; the package's version is in the first line
       loki_cases.py --random SEED COUNT       others, for the test that runs this program

One JSON object a line: name, wire (hex of the protobuf), json (the same request in JSON), documents (byte for byte).
Needs the package `protobuf` of PyPI.
"""

import json
import random
import sys
import time

import google.protobuf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Field = descriptor_pb2.FieldDescriptorProto
NANO = 1_795_342_530_123_456_789
ESCAPES = {'"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def schema():
    file = descriptor_pb2.FileDescriptorProto(
        name="logproto/logproto.proto", package="logproto", syntax="proto3",
        dependency=["google/protobuf/timestamp.proto"])

    def message(name, *fields):
        made = file.message_type.add(name=name)
        for number, field_name, is_repeated, kind, type_name in fields:
            field = made.field.add(
                name=field_name, number=number, type=kind,
                label=Field.LABEL_REPEATED if is_repeated else Field.LABEL_OPTIONAL)
            if type_name:
                field.type_name = type_name

    text, inner = Field.TYPE_STRING, Field.TYPE_MESSAGE
    message("PushRequest", (1, "streams", True, inner, ".logproto.Stream"))
    message(
        "Stream", (1, "labels", False, text, None), (2, "entries", True, inner, ".logproto.Entry"),
        (3, "hash", False, Field.TYPE_UINT64, None))
    message(
        "Entry", (1, "timestamp", False, inner, ".google.protobuf.Timestamp"), (2, "line", False, text, None),
        (3, "metadata", True, inner, ".logproto.LabelPair"), (4, "parsed", True, inner, ".logproto.LabelPair"))
    message("LabelPair", (1, "name", False, text, None), (2, "value", False, text, None))
    from google.protobuf import timestamp_pb2  # noqa: F401, which puts its file into the pool
    pool = descriptor_pool.Default()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("logproto.PushRequest"))


PushRequest = schema()


def moment(nanoseconds):
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    digits = f"{rest:09}"
    digits = digits[:3] if rest % 1_000_000 == 0 else digits[:6] if rest % 1000 == 0 else digits
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{digits}Z"


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def quote(value):
    """As Go does."""
    return '"' + "".join(
        ESCAPES.get(c) or (f"\\x{ord(c):02x}" if ord(c) < 0x20 or ord(c) == 0x7F else c) for c in value) + '"'


def put(document, name, value):
    if name in document:
        name += "_extracted"
    document.setdefault(name, value)


def case(name, *streams):
    """Of streams (labels, entries), entries being (nanoseconds, line, metadata)."""
    request, documents, in_json = PushRequest(), [], []
    for labels, entries in streams:
        stream = request.streams.add(
            labels="{" + ", ".join(f"{key}={quote(value)}" for key, value in labels) + "}", hash=7)
        values = []
        for nanoseconds, line, metadata in entries:
            entry = stream.entries.add(line=line)
            entry.timestamp.seconds, entry.timestamp.nanos = divmod(nanoseconds, 1_000_000_000)
            document = {"@timestamp": moment(nanoseconds), "message": line}
            for key, value in labels:
                put(document, key, value)
            for key, value in metadata:
                entry.metadata.add(name=key, value=value)
                put(document, key, value)
            values.append([str(nanoseconds), line] + ([dict(metadata)] if metadata else []))
            documents.append(text(document))
        in_json.append({"stream": dict(labels), "values": values})
    return {
        "name": name, "wire": request.SerializeToString().hex(), "json": text({"streams": in_json}), "documents": documents}


def cases():
    shop = [("app", "shop"), ("env", "prod")]
    yield case("a typical push", (shop, [(NANO, "GET /cart 200", ()), (NANO + 1, "GET /pay 500", ())]))
    yield case("nothing")
    yield case("a stream without entries", (shop, []))
    yield case("structured metadata", (shop, [
        (NANO, "one", [("trace_id", "abc"), ("user", "5")]), (NANO, "two", ()), (NANO, "three", [("user", "6")])]))
    for nanoseconds in (0, 1, 999, 1000, 1_000_000, NANO - 789, NANO - 456_789, -1, 2**63 - 1, -2**62):
        yield case(f"time {nanoseconds}", (shop, [(nanoseconds, "x", ())]))
    for line in ("", '{"level":"info","n":1}', "tab\t quote\" back\\slash / é 漢 😀 \u0001\u007f\n", "x" * 3000):
        yield case(f"line {line[:20]!r}", (shop, [(NANO, line, ())]))
    for value in ("", 'a"b', "back\\slash", "line\nfeed\ttab", "é 漢 😀", "\a\b\f\v\x01\x7f", "}{,=`'"):
        yield case(f"label {value!r}", ([("k", value)], [(NANO, "x", [("m", value)])]))
    yield case("no labels", ([], [(NANO, "x", [("m", "1")])]))
    yield case("names that are taken", (
        [("message", "label"), ("level", "info")],
        [(NANO, "line", [("level", "metadata"), ("@timestamp", "never"), ("message", "left out"), ("other", "1")]),
         (NANO, "line", ()), (NANO, "line", [("level", "again"), ("level_extracted", "left out")])]))
    yield case("several streams", (shop, [(NANO, "one", ())]), ([("app", "till")], [(NANO, "two", [("app", "x")])]))
    yield case("many labels", ([(f"label_{n}", str(n)) for n in range(100)], [(NANO, "x", [("label_7", "y")])]))


def random_text(rng):
    pool = "abc é漢😀\n\t\"\\/\u0000\u001f\x7f. {}[]:,`'"
    return "".join(rng.choice(pool) for _ in range(rng.choice([0, 1, 3, 9, 60])))


def random_case(rng, index):
    streams = []
    for _ in range(rng.randrange(4)):
        names = rng.sample(["app", "env", "level", "message", "_x9", "A", "pod", "z_"], rng.randrange(6))
        entries = []
        for _ in range(rng.randrange(5)):
            keys = dict.fromkeys(rng.choice(["app", "level", "trace_id", random_text(rng)]) for _ in range(rng.randrange(4)))
            nanoseconds = rng.choice([NANO, rng.randrange(-2**62, 2**63)])
            entries.append((nanoseconds, random_text(rng), [(key, random_text(rng)) for key in keys]))
        streams.append(([(name, random_text(rng)) for name in names], entries))
    return case(f"random {index}", *streams)


def main():
    if sys.argv[1:2] == ["--random"]:
        rng = random.Random(int(sys.argv[2]))
        made = (random_case(rng, index) for index in range(int(sys.argv[3])))
    else:
        print(text({"made_by": "protobuf " + google.protobuf.__version__}))
        made = cases()
    for row in made:
        print(text(row))


main()
