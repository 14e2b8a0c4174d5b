"""Native libraries: what the loaders of Android and of JVMs need of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from build import ABIS, LIBRARY, PAGE_BYTES
from elf import DT_RPATH, DT_RUNPATH, DT_TEXTREL, Elf

# As JNA names the folders of its resources.
PLATFORM = re.compile(r"^(linux|darwin|win32)-[a-z0-9-]+/")
ELF_MACHINES = {"linux-x86-64": 62, "linux-aarch64": 183}
# What Android's NDK lets a library link.
ANDROID_LIBRARIES = {"libc.so", "libm.so", "libdl.so", "liblog.so"}


def check_abi(abi: str, content: bytes, functions: set[str]) -> Iterator[str]:
    """A library for a phone."""
    try:
        library = Elf(content)
    except (ValueError, IndexError, KeyError) as error:
        yield f"{abi}: {error}"
        return
    if (library.bits, library.machine) != ABIS[abi]:
        yield f"{abi}: the library is for {library.bits} bits, machine {library.machine}"
    low = [each for each in library.alignments if each < PAGE_BYTES]
    if low or not library.alignments:
        yield f"{abi}: a segment is aligned to {min(low, default=0)} bytes: devices with pages of 16 KB do not load it"
    if library.soname != f"lib{LIBRARY}.so":
        yield f"{abi}: its name in itself is {library.soname}"
    stray = set(library.needed) - ANDROID_LIBRARIES
    if stray:
        yield f"{abi}: needs {', '.join(sorted(stray))}, which apps do not have"
    if library.tags & {DT_RPATH, DT_RUNPATH}:
        yield f"{abi}: holds a search path of the machine that built it"
    if DT_TEXTREL in library.tags:
        yield f"{abi}: has text relocations, which Android refuses"
    if library.has_symbol_table:
        yield f"{abi}: is not stripped"
    if b"/.cargo/" in content:
        yield f"{abi}: holds paths of the machine that built it"
    yield from check_functions(abi, library, functions)


def check_host(name: str, content: bytes, functions: set[str]) -> Iterator[str]:
    """A library in the JVM jar; those of other systems than Linux are not looked into."""
    machine = ELF_MACHINES.get(name.split("/")[0])
    if machine is None:
        return
    try:
        library = Elf(content)
    except (ValueError, IndexError, KeyError) as error:
        yield f"{name}: {error}"
        return
    if library.machine != machine:
        yield f"{name}: the library is for machine {library.machine}"
    yield from check_functions(name, library, functions)


def check_functions(name: str, library: Elf, functions: set[str]) -> Iterator[str]:
    lacking = functions - library.exported
    if lacking:
        yield f"{name}: lacks {len(lacking)} functions that the Kotlin calls, such as {min(lacking)}"
