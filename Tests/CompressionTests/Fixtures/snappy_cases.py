#!/usr/bin/env python3
"""Compresses with the package python-snappy of PyPI, and inflates what Barito compressed.

usage: snappy_cases.py > snappy_cases.txt     a line each: content and block in hexadecimal digits, `-` for nothing
       snappy_cases.py --inflate FILE         the contents of a file's blocks, a line each, both in the same digits
"""

import sys

import snappy

CONTENTS = [
    b"", b"a", b"hello hello hello hello", bytes(range(256)), b"0" * 1000, b"ab" * 70, "é漢😀".encode() * 9,
    b'{"streams":[{"stream":{"app":"web"},"values":[["1570818238000000000","fizzbuzz"]]}]}' * 4,
]


def digits(data):
    return data.hex() or "-"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inflate"]:
        with open(sys.argv[2], encoding="ascii") as lines:
            for line in lines:
                print(digits(snappy.uncompress(bytes.fromhex(line))))
    else:
        for content in CONTENTS:
            print(digits(content), digits(snappy.compress(content)))
