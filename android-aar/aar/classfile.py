"""Of a compiled class: for which Java it is, and from which source."""

from __future__ import annotations

import struct
from dataclasses import dataclass

# Bytes after the tag of each kind of constant; text is of its own length, and long and double count twice.
CONSTANT_BYTES = {
    **dict.fromkeys((3, 4, 9, 10, 11, 12, 17, 18), 4),
    **dict.fromkeys((5, 6), 8),
    **dict.fromkeys((7, 8, 16, 19, 20), 2),
    15: 3,
}
TEXT = 1
DOUBLE_SIZED = (5, 6)


@dataclass(frozen=True)
class ClassFile:
    java: int
    source: str | None


def read(content: bytes) -> ClassFile:
    magic, _, major, count = struct.unpack_from(">IHHH", content)
    if magic != 0xCAFEBABE:
        raise ValueError("no class file")
    texts, at = constants(content, count)
    at += 6
    at += 2 + 2 * number(content, at)
    for _ in ("fields", "methods"):
        members, at = number(content, at), at + 2
        for _ in range(members):
            at = skip_attributes(content, at + 6)
    # Java 1.1 was version 45.
    return ClassFile(major - 44, source_of(content, at, texts))


def constants(content: bytes, count: int) -> tuple[dict[int, str], int]:
    texts, at, index = {}, 10, 1
    while index < count:
        tag = content[at]
        if tag == TEXT:
            length = number(content, at + 1)
            texts[index] = content[at + 3 : at + 3 + length].decode(errors="replace")
            at += 3 + length
        else:
            at += 1 + CONSTANT_BYTES[tag]
        index += 2 if tag in DOUBLE_SIZED else 1
    return texts, at


def skip_attributes(content: bytes, at: int) -> int:
    count, at = number(content, at), at + 2
    for _ in range(count):
        at += 6 + struct.unpack_from(">I", content, at + 2)[0]
    return at


def source_of(content: bytes, at: int, texts: dict[int, str]) -> str | None:
    count, at = number(content, at), at + 2
    for _ in range(count):
        name, length = struct.unpack_from(">HI", content, at)
        if texts[name] == "SourceFile":
            return texts[number(content, at + 6)]
        at += 6 + length
    return None


def number(content: bytes, at: int) -> int:
    return struct.unpack_from(">H", content, at)[0]
