#!/usr/bin/env python3
"""Writes OTLP log requests and the documents that they become, as the official opentelemetry-proto package has them.

usage: otlp_cases.py > otlp_cases.jsonl        the cases that tests hold; the package's version is in the first line
       otlp_cases.py --random SEED COUNT       others, for the test that runs this program

One JSON object a line: name, wire (hex of the protobuf), json (the same request in OTLP's JSON), documents (byte for byte).
Needs the package `opentelemetry-proto` of PyPI.
"""

import base64
import importlib.metadata
import json
import math
import random
import sys
import time

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

RECEIVED = "2026-11-22T10:15:30.123Z"
LEVELS = ["trace", "debug", "info", "warning", "error", "critical"]
WORDS = {"INFO": "info", "Warn": "warning", "FATAL": "critical"}
NANO = 1_795_342_529_123_456_789


def moment(nanoseconds):
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    digits = f"{rest:09}"
    digits = digits[:3] if rest % 1_000_000 == 0 else digits[:6] if rest % 1000 == 0 else digits
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{digits}Z"


def plain(value):
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return members(value.kvlist_value.values)
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    if kind == "double_value":
        return value.double_value if math.isfinite(value.double_value) else None
    return getattr(value, kind) if kind else None


def members(pairs):
    found = {}
    for pair in pairs:
        found.setdefault(pair.key, plain(pair.value))
    return found


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def document(record, scope, resource):
    out = {}
    body = plain(record.body)
    if isinstance(body, dict):
        out["body"] = body
    elif body is not None:
        out["message"] = body if isinstance(body, str) else text(body)
    if record.attributes:
        out["attributes"] = members(record.attributes)
    known = record.time_unix_nano or record.observed_time_unix_nano
    out["@timestamp"] = moment(known) if known else RECEIVED
    if record.time_unix_nano and record.observed_time_unix_nano:
        out["observed_timestamp"] = moment(record.observed_time_unix_nano)
    if 1 <= record.severity_number <= 24:
        out["level"] = LEVELS[(record.severity_number - 1) // 4]
    elif record.severity_text in WORDS:
        out["level"] = WORDS[record.severity_text]
    for name in ("severity_text", "severity_number", "event_name"):
        if getattr(record, name):
            out[name] = getattr(record, name)
    for name in ("trace_id", "span_id"):
        if any(getattr(record, name)):
            out[name] = getattr(record, name).hex()
    for name in ("flags", "dropped_attributes_count"):
        if getattr(record, name):
            out[name] = getattr(record, name)
    shared = of_shared(resource, ())
    if shared:
        out["resource"] = shared
    shared = of_shared(scope, ("name", "version"))
    if shared:
        out["scope"] = shared
    return text(out)


def of_shared(shared, names):
    out = {}
    if shared.attributes:
        out["attributes"] = members(shared.attributes)
    for name in names + ("dropped_attributes_count",):
        if getattr(shared, name):
            out[name] = getattr(shared, name)
    return out


def otlp_json(request):
    """Protobuf's JSON, but for hexadecimal ids."""
    found = json_format.MessageToDict(request, use_integers_for_enums=True)
    for resource, resource_message in zip(found.get("resourceLogs", []), request.resource_logs):
        for scope, scope_message in zip(resource.get("scopeLogs", []), resource_message.scope_logs):
            for record, message in zip(scope.get("logRecords", []), scope_message.log_records):
                for name, key in (("trace_id", "traceId"), ("span_id", "spanId")):
                    if key in record:
                        record[key] = getattr(message, name).hex().upper()
    return text(found)


def case(name, request):
    return {
        "name": name, "wire": request.SerializeToString().hex(), "json": otlp_json(request),
        "documents": [
            document(record, scope.scope, resource.resource) for resource in request.resource_logs
            for scope in resource.scope_logs for record in scope.log_records],
    }


def set_value(target, value):
    if value is None:
        target.SetInParent()
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int):
        target.int_value = value
    elif isinstance(value, float):
        target.double_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bytes):
        target.bytes_value = value
    elif isinstance(value, list):
        target.array_value.SetInParent()
        for item in value:
            set_value(target.array_value.values.add(), item)
    else:
        target.kvlist_value.SetInParent()
        set_members(target.kvlist_value.values, value.items())


def set_members(target, pairs):
    for key, value in pairs:
        pair = target.add(key=key)
        set_value(pair.value, value)


def request(*records, resource=(), scope=(), **scope_fields):
    made = ExportLogsServiceRequest()
    holder = made.resource_logs.add()
    set_members(holder.resource.attributes, resource)
    inner = holder.scope_logs.add()
    set_members(inner.scope.attributes, scope)
    for name, value in scope_fields.items():
        setattr(inner.scope, name, value)
    for record in records:
        add_record(inner, **record)
    return made


def add_record(scope_logs, body=None, attributes=(), **fields):
    record = scope_logs.log_records.add(**fields)
    if body is not None:
        set_value(record.body, body)
    set_members(record.attributes, attributes)


def nested(depth):
    value = "deep"
    for index in range(depth):
        value = {"k": value} if index % 2 else [value]
    return value


def cases():
    service = [("service.name", "checkout"), ("k8s.pod.name", "checkout-7f"), ("process.pid", 4711)]
    yield case("a typical line", request(
        dict(time_unix_nano=NANO, observed_time_unix_nano=NANO + 1000, severity_number=9, severity_text="INFO",
             body="order 17 placed", trace_id=bytes(range(16)), span_id=bytes(range(8)), flags=1,
             attributes=[("http.request.method", "POST"), ("http.response.status_code", 201), ("took", 1.5)]),
        resource=service, name="shop.orders", version="1.2.3"))
    yield case("nothing at all", ExportLogsServiceRequest())
    yield case("a record of nothing", request({}))
    yield case("only observed", request(dict(observed_time_unix_nano=NANO - 789)))
    for name, value in (("milliseconds", NANO - 456_789), ("one nanosecond", 1), ("2554", 2**64 - 1)):
        yield case(f"time {name}", request(dict(time_unix_nano=value)))
    for number in (0, 1, 4, 5, 8, 10, 13, 16, 17, 20, 21, 24):
        yield case(f"severity {number}", request(dict(severity_number=number, body="x")))
    for word in ("INFO", "Warn", "FATAL", "unheard of", "tab\tand \"quote\""):
        yield case(f"severity by the word {word}", request(dict(severity_text=word)))
    values = [
        True, False, 0, -1, 2**63 - 1, -2**63, 2**53 + 1, 0.0, -0.0, 1.0, 1.5, 1e300, 5e-324, -2.5e-7, math.nan, math.inf,
        -math.inf, "", "é 漢 😀 \u0001 \n\t\"\\/ \x7f", b"", b"\x00", b"\x00\xff", b"abc", [], [1, "a", None, [], {}], {},
        {"a": {"b": [1, {"c": None}]}, "": "empty key", "dots.in.it": 1}, None,
    ]
    for value in values:
        yield case(f"body {value!r}", request(dict(body=value)))
        yield case(f"attribute {value!r}", request(dict(attributes=[("k", value)])))
    yield case("repeated keys count as they stand first", request(
        dict(body={"a": 1}, attributes=[("a", 1), ("b", 2), ("a", 3), ("\u00e9", 4), ("\u00e9", 5)]),
        resource=[("r", 1), ("r", 2)]))
    yield case("many keys", request(dict(attributes=[(f"key{n % 300}", n) for n in range(700)])))
    yield case("the same key in different objects", request(
        dict(body={"a": {"a": {"a": 1}}}, attributes=[("a", {"a": {"a": 1}}), ("b", {"a": 1})])))
    yield case("32 levels", request(dict(body=nested(32))))
    yield case("ids of zeros are none", request(dict(trace_id=bytes(16), span_id=bytes(8), body="x")))
    yield case("ids of other lengths", request(dict(trace_id=b"\xab", span_id=b"\xcd" * 40)))
    yield case("counts and flags", request(
        dict(flags=2**32 - 1, dropped_attributes_count=7, event_name="user.login", body="x")))
    several = request(dict(body="one"), dict(body="two"), resource=service)
    second = several.resource_logs.add()
    second.resource.dropped_attributes_count = 2
    set_members(second.resource.attributes, [("host.name", "b")])
    first_scope, second_scope = second.scope_logs.add(), second.scope_logs.add()
    set_members(first_scope.scope.attributes, [("x", 1)])
    add_record(first_scope, body="three")
    add_record(second_scope, body="four")
    yield case("several resources and scopes", several)


def random_text(rng):
    pool = "abc é漢😀\n\t\"\\/\u0000\u001f\x7f. {}[]:,"
    return "".join(rng.choice(pool) for _ in range(rng.choice([0, 1, 3, 9, 40])))


def random_value(rng, depth=0):
    kind = rng.randrange(11 if depth < 5 else 8)
    if kind == 0:
        return None
    if kind == 1:
        return rng.random() < 0.5
    if kind == 2:
        return rng.randrange(-2**63, 2**63)
    if kind == 3:
        return rng.choice([rng.uniform(-1e6, 1e6), rng.random() * 10.0 ** rng.randrange(-300, 15), math.inf, 0.0])
    if kind == 4:
        return rng.randbytes(rng.randrange(6))
    if kind < 8:
        return random_text(rng)
    if kind == 8:
        return [random_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {random_text(rng): random_value(rng, depth + 1) for _ in range(rng.randrange(4))}


def random_pairs(rng):
    return [(random_text(rng), random_value(rng)) for _ in range(rng.choice([0, 1, 3, 8, 40]))]


def random_request(rng):
    made = ExportLogsServiceRequest()
    for _ in range(rng.randrange(3)):
        holder = made.resource_logs.add()
        set_members(holder.resource.attributes, random_pairs(rng))
        for _ in range(rng.randrange(3)):
            inner = holder.scope_logs.add()
            inner.scope.name, inner.scope.version = random_text(rng), random_text(rng)
            set_members(inner.scope.attributes, random_pairs(rng))
            for _ in range(rng.randrange(4)):
                add_record(
                    inner, random_value(rng), random_pairs(rng), time_unix_nano=rng.choice([0, rng.randrange(2**64)]),
                    observed_time_unix_nano=rng.choice([0, rng.randrange(2**64)]), severity_number=rng.randrange(25),
                    severity_text=rng.choice(["", "INFO", "Warn", "odd\n"]), flags=rng.choice([0, 1, 2**32 - 1]),
                    trace_id=rng.choice([b"", rng.randbytes(16)]), span_id=rng.choice([b"", rng.randbytes(8)]),
                    event_name=random_text(rng), dropped_attributes_count=rng.choice([0, 3]))
    return made


def main():
    if sys.argv[1:2] == ["--random"]:
        rng = random.Random(int(sys.argv[2]))
        made = (case(f"random {index}", random_request(rng)) for index in range(int(sys.argv[3])))
    else:
        print(text({"made_by": "opentelemetry-proto " + importlib.metadata.version("opentelemetry-proto")}))
        made = cases()
    for row in made:
        print(text(row))


main()
