"""One architecture of one slice: what its objects say, what it exports and imports, what it adds to an app."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tools


@dataclass
class Library:
    path: Path
    architecture: str

    def headers(self) -> str:
        return tools.run(tools.find("llvm-objdump"), "--macho", "--private-headers", str(self.path))

    def architectures(self) -> set[str]:
        """Of every object in the archive."""
        kinds = {("ARM64", "ALL"): "arm64", ("ARM64_32", "V8"): "arm64_32"}
        found = re.findall(r"^\s*MH_MAGIC(?:_64)?\s+(\S+)\s+(\S+)", self.headers(), re.MULTILINE)
        return {kinds.get(kind, "/".join(kind)) for kind in found}

    def versions(self) -> set[tuple[str, str]]:
        """Platform and lowest version of every object that states them."""
        command = re.compile(r"cmd LC_BUILD_VERSION\n.*\n\s*platform (\S+)\n(?:\s*sdk \S+\n)?\s*minos (\S+)")
        return set(command.findall(self.headers()))

    def exported(self) -> set[str]:
        return self._symbols("--defined-only", "--extern-only")

    def _symbols(self, *options: str) -> set[str]:
        listed = tools.run(tools.find("llvm-nm"), "--format=just-symbols", *options, str(self.path))
        return {line.strip() for line in listed.splitlines() if line.startswith("_")}

    def link(self, platform: str, version: str, kept: set[str], into: Path) -> Library:
        """What is left of it in an app that uses `kept`: dead code stripped, local symbols, too."""
        roots = [word for symbol in sorted(kept) for word in ("-u", symbol)]
        with tempfile.NamedTemporaryFile("w", suffix=".symbols") as exports:
            exports.write("_an_app_exports_nothing")
            exports.flush()
            tools.run(
                tools.find("ld64.lld", "ld"), "-dylib", "-dead_strip", "-x", "-S", *roots,
                "-arch", self.architecture, "-platform_version", platform, version, version,
                "-undefined", "dynamic_lookup", "-exported_symbols_list", exports.name,
                "-force_load", str(self.path), "-o", str(into),
            )  # fmt: skip
        return Library(into, self.architecture)

    def imported(self) -> set[str]:
        return self._symbols("--undefined-only")
