"""Reads what the loader of Android reads of a shared library."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SONAME, DT_RPATH, DT_TEXTREL, DT_RUNPATH = 1, 5, 6, 10, 14, 15, 22, 29
SHT_DYNSYM, SHT_SYMTAB = 11, 2


@dataclass
class Elf:
    """Little-endian, as all of Android is."""

    content: bytes
    bits: int = 0
    machine: int = 0
    # Of each segment that is mapped.
    alignments: list[int] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)
    soname: str | None = None
    # Entries of the dynamic section that a library for apps must not have.
    tags: set[int] = field(default_factory=set)
    exported: set[str] = field(default_factory=set)
    has_symbol_table: bool = False

    def __post_init__(self) -> None:
        if self.content[:4] != b"\x7fELF" or self.content[5] != 1:
            raise ValueError("no little-endian ELF file")
        self.bits = {1: 32, 2: 64}[self.content[4]]
        self.machine = struct.unpack_from("<H", self.content, 18)[0]
        self._read_segments()
        self._read_sections()

    def _read_segments(self) -> None:
        # Offset and size of the table, and where type, offset, address, size and alignment are in a row.
        if self.bits == 64:
            start, (size, count) = self._at("<Q", 32)[0], self._at("<HH", 54)
            row, order = "<IIQQQQQQ", (0, 2, 3, 5, 7)
        else:
            start, (size, count) = self._at("<I", 28)[0], self._at("<HH", 42)
            row, order = "<IIIIIIII", (0, 1, 2, 4, 7)
        rows = [self._at(row, start + index * size) for index in range(count)]
        segments = [tuple(each[place] for place in order) for each in rows]
        self._mapped = [each[1:4] for each in segments if each[0] == PT_LOAD]
        self.alignments = [each[4] for each in segments if each[0] == PT_LOAD]
        for kind, offset, _, length, _ in segments:
            if kind == PT_DYNAMIC:
                self._read_dynamic(offset, length)

    def _read_dynamic(self, offset: int, length: int) -> None:
        row = "<qQ" if self.bits == 64 else "<iI"
        entries = list(struct.iter_unpack(row, self.content[offset : offset + length]))
        self.tags = {tag for tag, _ in entries}
        strings = next((self._offset_of(value) for tag, value in entries if tag == DT_STRTAB), 0)
        self.needed = [self._text(strings + value) for tag, value in entries if tag == DT_NEEDED]
        self.soname = next((self._text(strings + value) for tag, value in entries if tag == DT_SONAME), None)

    def _offset_of(self, address: int) -> int:
        for offset, start, length in self._mapped:
            if start <= address < start + length:
                return offset + address - start
        raise ValueError(f"nothing is mapped at {address:#x}")

    def _read_sections(self) -> None:
        if self.bits == 64:
            start, (size, count) = self._at("<Q", 40)[0], self._at("<HH", 58)
            row, symbol = "<IIQQQQIIQQ", "<IBBHQQ"
        else:
            start, (size, count) = self._at("<I", 32)[0], self._at("<HH", 46)
            row, symbol = "<IIIIIIIIII", "<IIIBBH"
        sections = [self._at(row, start + index * size) for index in range(count)]
        self.has_symbol_table = any(each[1] == SHT_SYMTAB for each in sections)
        for _, kind, _, _, offset, length, link, *_ in sections:
            if kind == SHT_DYNSYM:
                strings = sections[link][4]
                rows = struct.iter_unpack(symbol, self.content[offset : offset + length])
                self.exported |= {self._text(strings + each[0]) for each in rows if self._is_defined(each)}

    def _is_defined(self, symbol: tuple[int, ...]) -> bool:
        return (symbol[3] if self.bits == 64 else symbol[5]) != 0

    def _at(self, form: str, offset: int) -> tuple[int, ...]:
        return struct.unpack_from(form, self.content, offset)

    def _text(self, offset: int) -> str:
        return self.content[offset : self.content.index(b"\0", offset)].decode()
