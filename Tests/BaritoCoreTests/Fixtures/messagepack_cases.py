#!/usr/bin/env python3
"""Writes MessagePack values and the JSON that they are, as the official msgpack package reads them.

usage: messagepack_cases.py > messagepack_cases.jsonl    the cases that tests hold
       messagepack_cases.py --random SEED COUNT          others, for the test that runs this program

One JSON object a line: name, wire (hex), json (the text), repairs (U+FFFD in it). Needs the package `msgpack` of PyPI.
"""

import base64
import datetime
import json
import math
import random
import struct
import sys

import msgpack


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


class Pairs(list):
    """A map whose keys may be anything, and repeated."""


def time_text(seconds, nanoseconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{nanoseconds:09}"
    return f"{moment}.{fraction[:3] if fraction.endswith('000000') else fraction}Z"


def single(value):
    """The shortest digits that are the same number of single precision."""
    for digits in range(1, 10):
        text = float(f"{value:.{digits}g}")
        # What is rounded beyond the largest number of single precision cannot be packed.
        if abs(text) <= 3.4028235e38 and struct.pack(">f", text) == struct.pack(">f", value):
            return text
    raise ValueError(value)


def to_json(value, repair, is_single=False):
    if value is None or value is True or value is False:
        return json.dumps(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return '"NaN"'
        if math.isinf(value):
            return '"Infinity"' if value > 0 else '"-Infinity"'
        return json.dumps(single(value) if is_single else value)
    if isinstance(value, bytes):
        return quoted(repair.text(value))
    if isinstance(value, msgpack.Timestamp):
        return quoted(time_text(value.seconds, value.nanoseconds))
    if isinstance(value, msgpack.ExtType):
        if value.code == 0 and len(value.data) == 8:
            seconds, nanoseconds = struct.unpack(">II", value.data)
            if nanoseconds < 10**9:
                return quoted(time_text(seconds, nanoseconds))
        return quoted(base64.b64encode(value.data).decode())
    if isinstance(value, Pairs):
        members = []
        for key, item in value:
            name = key_text(key, repair)
            members.append(name + ":" + to_json(item, repair, is_single))
        return "{" + ",".join(members) + "}"
    return "[" + ",".join(to_json(item, repair, is_single) for item in value) + "]"


def key_text(key, repair):
    # An extension is a tuple too.
    if isinstance(key, (list, tuple)) and not isinstance(key, msgpack.ExtType):
        return quoted(base64.b64encode(packed(key)).decode())
    text = to_json(key, repair)
    return text if text.startswith('"') else quoted(text)


def packed(value):
    """Packs a key that is an array or a map the way it was packed before."""
    if isinstance(value, Pairs):
        packer = msgpack.Packer(use_bin_type=False)
        return packer.pack_map_header(len(value)) + b"".join(packed(x) for pair in value for x in pair)
    return msgpack.packb(value, use_bin_type=False)


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def case(name, wire, is_single=False):
    repair = Repair()
    # raw=True reads texts as bytes, as they stand.
    value = msgpack.unpackb(wire, raw=True, strict_map_key=False, object_pairs_hook=Pairs)
    return {"name": name, "wire": wire.hex(), "json": to_json(value, repair, is_single), "repairs": repair.count}


def pack(value, **options):
    return msgpack.packb(value, **options)


def cases():
    for value in [None, True, False]:
        yield case(f"{value}", pack(value))
    for bits in (0, 5, 7, 8, 15, 16, 31, 32, 53, 63):
        for value in (2**bits - 1, 2**bits, -(2**bits), -(2**bits) - 1):
            if value >= -(2**63):
                yield case(f"integer {value}", pack(value))
    yield case("integer 2^64 - 1", pack(2**64 - 1))
    for wire in ("cc05", "cd0005", "ce00000005", "cf0000000000000005", "d0fb", "d1fffb", "d2fffffffb",
                 "d3fffffffffffffffb"):
        yield case(f"integer of more bytes than needed {wire}", bytes.fromhex(wire))
    for value in [0.0, -0.0, 1.0, 0.1, 1e20, 5e-324, 1.7976931348623157e308, 123456789.125, math.nan, math.inf, -math.inf]:
        yield case(f"float 64 {value!r}", pack(value))
    for value in [0.0, 1.0, 0.1, 16777216.0, 3.4028234663852886e38, 1e-45, 2.5, math.nan, -math.inf]:
        yield case(f"float 32 {value!r}", pack(value, use_single_float=True), True)
    for length in (0, 1, 31, 32, 255, 256):
        yield case(f"str of {length}", pack("x" * length))
        yield case(f"bin of {length}", pack(b"y" * length))
        yield case(f"ext of {length}", pack(msgpack.ExtType(5, b"z" * length)))
    for length in (2, 4, 8, 16):
        yield case(f"fixext {length}", pack(msgpack.ExtType(7, bytes(range(length)))))
    for wire in ("d90161", "da000161", "db0000000161", "c40161", "c5000161", "c60000000161", "c7010561", "c800010561",
                 "c9000000010561", "dc000101", "dd0000000101", "de000101c0", "df0000000101c0"):
        yield case(f"longer header {wire}", bytes.fromhex(wire))
    yield case("every escape", pack("\"\\/\b\f\n\r\t\0\x1f\x7f\u2028é漢😀"))
    yield case("str that is no UTF-8", b"\xa9a\xc3(\xe2\x82 \xf0\x9f\x98"[:10])
    yield case("bin that is no UTF-8", pack(b"\xff\xfe\xed\xa0\x80"))
    for count in (0, 1, 15, 16, 17):
        yield case(f"array of {count}", pack(list(range(count))))
        yield case(f"map of {count}", pack({f"k{n}": n for n in range(count)}))
    packer = msgpack.Packer()
    yield case("a repeated key", packer.pack_map_pairs([("a", 1), ("b", 2), ("a", 3)]))
    yield case("keys of all types", packer.pack_map_pairs([
        (None, 0), (True, 1), (-5, 2), (2**64 - 1, 3), (1.5, 4), (math.nan, 5), (b"b\xff", 6),
        (msgpack.ExtType(9, b"abc"), 7), (msgpack.Timestamp(1, 0), 8)]))
    yield case("keys that are arrays and maps", packer.pack_map_pairs([([1, ["a"]], 1), ({"a": [2]}, 2), ([], 3)]))
    for seconds, nanoseconds in ((0, 0), (1441588984, 0), (1441588984, 123000000), (1441588984, 123456789),
                                 (4294967295, 999999999), (1441588984, 1)):
        event = struct.pack(">II", seconds, nanoseconds)
        yield case(f"EventTime {seconds}.{nanoseconds}", pack(msgpack.ExtType(0, event)))
        yield case(f"EventTime in ext 8 {seconds}.{nanoseconds}", b"\xc7\x08\x00" + event)
        yield case(f"timestamp {seconds}.{nanoseconds}", pack(msgpack.Timestamp(seconds, nanoseconds)))
    yield case("timestamp 96", pack(msgpack.Timestamp(-2208988801, 5000)))
    yield case("an EventTime of too many nanoseconds", pack(msgpack.ExtType(0, struct.pack(">II", 1, 10**9))))
    yield case("ext 0 of another length", pack(msgpack.ExtType(0, b"1234")))
    yield case("a fluentd event", pack(
        ["app.web", [[msgpack.ExtType(0, struct.pack(">II", 1441588984, 5)),
                      {"message": "GET / 200", "took": 1.25, "http": {"status": 200, "tags": ["a", None]}}]],
         {"chunk": "p8n9gmxTQVC8/nh2wlKKeQ==", "size": 1}]))
    deep = None
    for _ in range(99):
        deep = [deep]
    yield case("arrays as deep as allowed", pack({"k": deep}))


def random_value(choice, depth=0):
    kind = choice.randrange(7 if depth > 4 else 9)
    if kind == 0:
        return choice.choice([None, True, False])
    if kind == 1:
        return choice.randrange(-(2**63), 2**64) >> choice.randrange(64)
    if kind == 2:
        return struct.unpack(">d", choice.randbytes(8))[0]
    if kind == 3:
        return "".join(choice.choice("ab \"\\\n\0é漢😀") for _ in range(choice.randrange(40)))
    if kind == 4:
        return choice.randbytes(choice.randrange(10))
    if kind == 5:
        return msgpack.ExtType(choice.randrange(128), choice.randbytes(choice.choice([1, 2, 3, 4, 8, 16, 20])))
    if kind == 6:
        return msgpack.Timestamp(choice.randrange(2**32), choice.randrange(10**9))
    if kind == 7:
        return [random_value(choice, depth + 1) for _ in range(choice.randrange(20))]
    return {random_key(choice): random_value(choice, depth + 1) for _ in range(choice.randrange(20))}


def random_key(choice):
    while True:
        value = random_value(choice, 9)
        if not isinstance(value, float) or not math.isnan(value):
            return value


def random_cases(seed, count):
    choice = random.Random(seed)
    for index in range(count):
        yield case(f"random {seed}/{index}", pack(random_value(choice)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--random"]:
        made = random_cases(int(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps({"msgpack": ".".join(map(str, msgpack.version)), "made by": "messagepack_cases.py"}))
        made = cases()
    for row in made:
        print(json.dumps(row))
