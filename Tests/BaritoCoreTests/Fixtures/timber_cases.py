#!/usr/bin/env python3
"""Writes timbers of the first Barito and the documents that they are, as the official protobuf package reads them.

usage: timber_cases.py > timber_cases.jsonl        the cases that tests hold; the package's version is in the first line
       timber_cases.py --random SEED COUNT         others, for the test that runs this program

One JSON object a line: name, kind (timber or collection), wire (hex), documents (JSON texts), repairs (U+FFFD in each
document), has_content (of each). Needs the package `protobuf` of PyPI.
"""

import json
import math
import random
import struct
import sys

import google.protobuf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, struct_pb2

FALLBACK = "2026-11-22T10:15:30.123Z"
Field = descriptor_pb2.FieldDescriptorProto


def schema():
    """The first Barito's messages, and twins with bytes for strings, which read what is not UTF-8."""
    file = descriptor_pb2.FileDescriptorProto(
        name="producer/producer.proto", package="producer", syntax="proto3",
        dependency=["google/protobuf/struct.proto"])

    def message(name, *fields, oneof=None):
        made = file.message_type.add(name=name)
        if oneof:
            made.oneof_decl.add(name=oneof)
        for number, label, kind, type_name in fields:
            field = made.field.add(
                name=f"f{number}", number=number, label=Field.LABEL_REPEATED if label else Field.LABEL_OPTIONAL,
                type=kind)
            if type_name:
                field.type_name = type_name
            if oneof:
                field.oneof_index = 0

    m, s, b = Field.TYPE_MESSAGE, Field.TYPE_STRING, Field.TYPE_BYTES
    i, t = Field.TYPE_INT32, Field.TYPE_BOOL
    message("TimberContext", *[(n, 0, k, None) for n, k in enumerate([s, i, i, s, s, i, s, t, i], 1)])
    for prefix, text, content in (("", s, ".google.protobuf.Struct"), ("Raw", b, ".producer.RawStruct")):
        message(prefix + "Timber", (1, 0, m, ".producer.TimberContext"), (2, 0, text, None), (3, 0, m, content))
        message(
            prefix + "TimberCollection", (1, 0, m, ".producer.TimberContext"),
            (2, 1, m, f".producer.{prefix}Timber"))
    message("RawStruct", (1, 1, m, ".producer.RawEntry"))
    message("RawEntry", (1, 0, b, None), (2, 0, m, ".producer.RawValue"))
    message(
        "RawValue", (1, 0, i, None), (2, 0, Field.TYPE_DOUBLE, None), (3, 0, b, None), (4, 0, t, None),
        (5, 0, m, ".producer.RawStruct"), (6, 0, m, ".producer.RawList"), oneof="kind")
    message("RawList", (1, 1, m, ".producer.RawValue"))
    pool = descriptor_pool.Default()
    pool.Add(file)
    return lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName("producer." + name))


MESSAGE = schema()
Timber, TimberCollection = MESSAGE("Timber"), MESSAGE("TimberCollection")
RawTimber, RawTimberCollection = MESSAGE("RawTimber"), MESSAGE("RawTimberCollection")


def number(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) <= 2**53 and not (value == 0 and math.copysign(1, value) < 0):
        return int(value)
    return value


def of_value(value):
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        return number(value.number_value)
    if kind == "struct_value":
        return of_struct(value.struct_value)
    if kind == "list_value":
        return [of_value(item) for item in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)


def of_struct(content):
    return {key: of_value(content.fields[key]) for key in content.fields}


class Repair:
    """Text of bytes, counting what was no UTF-8."""

    def __init__(self):
        self.count = 0

    def text(self, data):
        pieces, rest = [], data
        while rest:
            try:
                pieces.append(rest.decode())
                break
            except UnicodeDecodeError as error:
                pieces.append(rest[:error.start].decode() + "\ufffd")
                self.count += 1
                rest = rest[error.end:]
        return "".join(pieces)

    def of_value(self, value):
        kind = value.WhichOneof("kind")
        if kind == "f2":
            return number(value.f2)
        if kind == "f3":
            return self.text(value.f3)
        if kind == "f4":
            return value.f4
        if kind == "f5":
            return self.of_struct(value.f5)
        return [self.of_value(item) for item in value.f6.f1] if kind == "f6" else None

    def of_struct(self, content):
        last = {entry.f1: entry.f2 for entry in content.f1}
        return {self.text(key): self.of_value(value) for key, value in last.items()}


def document(timber, is_raw):
    repair = Repair()
    found = (repair.of_struct(timber.f3) if is_raw else of_struct(timber.f3)) if timber.HasField("f3") else {}
    timestamp = repair.text(timber.f2) if is_raw and "@timestamp" not in found else timber.f2
    found.setdefault("@timestamp", timestamp or FALLBACK)
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")), repair.count, timber.HasField("f3")


def case(name, wire, is_collection=False):
    plain, raw = (TimberCollection, RawTimberCollection) if is_collection else (Timber, RawTimber)
    try:
        message, is_raw = plain.FromString(wire), False
    except google.protobuf.message.DecodeError:
        message, is_raw = raw.FromString(wire), True
    rows = [document(timber, is_raw) for timber in (message.f2 if is_collection else [message])]
    return {
        "name": name, "kind": "collection" if is_collection else "timber", "wire": wire.hex(),
        "documents": [row[0] for row in rows], "repairs": [row[1] for row in rows],
        "has_content": [row[2] for row in rows],
    }


# The wire format by hand, for what no encoder writes.


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(data)) + data


def entry(key, *values):
    return field(1, field(1, key) + b"".join(field(2, value) for value in values))


def num(value):
    return b"\x11" + struct.pack("<d", value)


def text(value):
    return field(3, value)


def obj(*entries):
    return field(5, b"".join(entries))


def items(*values):
    return field(6, b"".join(field(1, value) for value in values))


def timber(*entries, context=b"", timestamp="2021-03-16T08:00:00.5Z"):
    return (field(1, context) if context else b"") + (field(2, timestamp) if timestamp else b"") + field(
        3, b"".join(entries))


CONTEXT = field(1, "shop_logs_pb") + b"\x10\x01\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + field(4, "shop")


def cases():
    yield case("a typical line", timber(
        entry("message", text("GET /cart 200")), entry("level", text("info")), entry("took_ms", num(12.5)),
        entry("bytes", num(48213)), entry("ok", b"\x20\x01"), entry("user", b"\x08\x00"),
        entry("tags", items(text("web"), text("eu"))), entry("http", obj(entry("status", num(200)))),
        context=CONTEXT))
    yield case("the content's own @timestamp", timber(entry("@timestamp", text("2020-01-01T00:00:00Z"))))
    yield case("an @timestamp that is no text", timber(entry("@timestamp", num(5))))
    yield case("an @timestamp inside an object", timber(entry("a", obj(entry("@timestamp", text("x"))))))
    yield case("no timestamp at all", timber(entry("a", num(1)), timestamp=""))
    yield case("an empty content", timber())
    yield case("no content", field(2, "2021-03-16T08:00:00Z"))
    yield case("nothing", b"")
    for value in [0.0, -0.0, 1.0, -1.0, 0.1, 1e-7, 1e20, 2.0**53, 2.0**53 - 1, -(2.0**53), 2.0**53 + 2, 1e16, 1.5e300,
                  5e-324, 1.7976931348623157e308, 123456789.125, 2.0**63, -1e15, 1e15, 0.30000000000000004, math.nan,
                  math.inf, -math.inf]:
        yield case(f"number {value!r}", timber(entry("@timestamp", num(value))))
    yield case("every escape", timber(entry("a\"\\\n\t\x00\x1f\x7f", text("\"\\/\b\f\n\r\t\x00\x01\u2028é漢😀"))))
    yield case("empty key and empty text", timber(entry("", text(""))))
    yield case("a repeated key", timber(entry("a", num(1)), entry("b", num(2)), entry("a", text("x"))))
    yield case("a repeated key with objects is not merged", timber(
        entry("a", obj(entry("x", num(1)))), entry("a", obj(entry("y", num(2))))))
    for count in (16, 17, 18, 40, 300):
        keys = [f"key{n % count}" + "-long-enough" * (n % 3) for n in range(2 * count)]
        yield case(f"{count} keys twice", timber(*[entry(key, num(n)) for n, key in enumerate(keys)]))
    yield case("an entry's values are merged", timber(entry("a", obj(entry("x", num(1))), obj(entry("y", num(2))))))
    yield case("an entry's last kind wins", timber(entry("a", obj(entry("x", num(1))), num(2))))
    yield case("an object again is merged", timber(entry("a", obj(entry("x", num(1))) + obj(entry("x", num(2))))))
    yield case("lists again are joined", timber(entry("a", items(num(1)) + items(num(2)))))
    yield case("another kind between forgets", timber(
        entry("a", obj(entry("x", num(1))) + num(3) + obj(entry("y", num(2))))))
    yield case("contents are merged", timber(entry("a", num(1))) + timber(entry("b", num(2)), timestamp=""))
    yield case("no value, no key, no entry", timber(entry("a"), field(1, field(2, num(1))), field(1, b"")))
    yield case("a Value of nothing", timber(entry("a", b""), entry("b", items(b"", b""))))
    yield case("unknown fields everywhere", b"\xf8\x07\x01" + timber(
        b"\x10\x05", entry("a", num(1) + b"\x3b\x08\x01\x3c"),
        context=b"\x7a\x01x") + b"\x25\1\2\3\4")
    yield case("known numbers of other wire types", timber(entry("a", b"\x18\x05" + num(1) + b"\x2d\0\0\0\0")))
    yield case("a bool of many bits", timber(entry("a", b"\x20\x80\x80\x80\x80\x01"), entry("b", b"\x20\x80\x00")))
    yield case("no UTF-8", timber(
        entry(b"k\xff", text(b"a\xc3(\xe2\x82 \xf0\x9f\x98 \xed\xa0\x80")), timestamp=b"\xfe"))
    deep = num(1)
    for _ in range(32):
        deep = obj(entry("k", deep))
    yield case("as deep as the package goes", timber(entry("k", deep)))
    yield case("a collection", field(1, CONTEXT) + b"".join(
        field(2, timber(entry("n", num(n)), timestamp="" if n == 2 else "2021-03-16T08:00:00Z")) for n in range(4)),
        True)
    yield case("an empty collection", field(1, CONTEXT), True)
    yield case("a collection with an item without content", field(2, field(2, "x")) + field(2, timber()), True)


def random_text(choice):
    alphabet = "ab \"\\\n\t\0é漢😀@timestamp"
    return "".join(choice.choice(alphabet) for _ in range(choice.randrange(12)))


def random_value(choice, depth):
    kind = choice.randrange(5 if depth > 5 else 7)
    if kind == 0:
        return b"\x08\x00"
    if kind == 1:
        return num(float(choice.randrange(-(2**54), 2**54)))
    if kind == 2:
        return num(struct.unpack("<d", choice.randbytes(8))[0])
    if kind == 3:
        return text(random_text(choice) if choice.random() < 0.9 else choice.randbytes(choice.randrange(8)))
    if kind == 4:
        return b"\x20" + bytes([choice.randrange(2)])
    if kind == 5:
        return obj(*random_entries(choice, depth + 1))
    return items(*[random_value(choice, depth + 1) for _ in range(choice.randrange(4))])


def random_entries(choice, depth=0):
    few = [random_text(choice) for _ in range(choice.randrange(1, 8))]
    entries = []
    for _ in range(choice.choice([0, 1, 3, 6, 30]) if depth < 3 else choice.randrange(3)):
        key = choice.choice(few + [random_text(choice), "@timestamp" if depth == 0 else "k"])
        entries.append(entry(key, *[random_value(choice, depth) for _ in range(choice.choice([0, 1, 1, 1, 1, 1, 2]))]))
    return entries


def random_timber(choice):
    wire = timber(*random_entries(choice), context=CONTEXT, timestamp=choice.choice(["", "2021-03-16T08:00:00Z"]))
    return wire + timber(*random_entries(choice)) if choice.random() < 0.1 else wire


def random_cases(seed, count):
    choice = random.Random(seed)
    for index in range(count):
        if index % 4 == 3:
            wire = b"".join(field(2, random_timber(choice)) for _ in range(choice.randrange(4)))
            yield case(f"random {seed}/{index}", wire, True)
        else:
            yield case(f"random {seed}/{index}", random_timber(choice))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--random"]:
        made = random_cases(int(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps({"protobuf": google.protobuf.__version__, "made by": "timber_cases.py"}))
        made = cases()
    for row in made:
        print(json.dumps(row))
