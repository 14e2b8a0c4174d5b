"""Classes of an archive: ours, of the sources beside it, for the Java that apps may have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import classfile
from archive import Entries

OURS = "dev/backhaul/"


def check(entries: Entries, sources: Entries, java: int, allowed: set[str]) -> Iterator[str]:
    """Each class was compiled from a source that is there, each source with a class, and nothing else is in it."""
    compiled = set()
    for name, content in entries.items():
        if name.endswith(".class"):
            yield from check_class(name, content, sources, java)
            compiled.add(source_of(name, content))
        elif not is_module_list(name) and name not in allowed:
            yield f"{name} does not belong into it"
    if not any(is_module_list(name) for name in entries):
        yield "Kotlin's lists of top-level functions are missing"
    for source in sorted(name for name in sources if name.endswith(".kt")):
        # A file of aliases or constants alone leaves none.
        if source not in compiled and has_class(sources[source].decode()):
            yield f"no class comes from {source}"


def check_class(name: str, content: bytes, sources: Entries, java: int) -> Iterator[str]:
    if not name.startswith(OURS):
        yield f"{name} is not ours"
    if source_of(name, content) not in sources:
        yield f"{name} has no source: build again from a clean folder"
    if classfile.read(content).java > java:
        yield f"{name} is for Java {classfile.read(content).java}, apps may have {java}"


def source_of(name: str, content: bytes) -> str:
    return str(PurePosixPath(name).parent / (classfile.read(content).source or "?"))


def is_module_list(name: str) -> bool:
    return name.startswith("META-INF/") and name.endswith(".kotlin_module")


def has_class(source: str) -> bool:
    words = ("class ", "object ", "interface ", "fun ", "val ")
    return any(word in line for line in source.splitlines() if not line.startswith((" ", "*", "/")) for word in words)
