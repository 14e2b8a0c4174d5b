"""What must be true of Backhaul.xcframework. Each check yields the problems it finds, one sentence each."""

from __future__ import annotations

import hashlib
import plistlib
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers.expat import ExpatError

import tools
from library import Library
from slices import HEADER, LIBRARY, MODULE, SLICES, Slice

# What a slice may add to an app that uses all of it but the test kit.
LIMIT_BYTES = 2_000_000

# What only BackhaulTestKit calls, and with it the whole simulator: 0.6 MB that the linker leaves out of other apps. What
# sets up its callbacks is called by all.
TEST_KIT = re.compile(
    r"^_uniffi_backhaul_ffi_fn_(?!init_callback)\w*?(simulatedphone|simulatedapp|scenariohost|play_scenario)"
)

# Rust 1.96 and newer say so of every arm64 watch, whatever is asked for: Apple has them from that version.
# Older watches run the other architecture.
ARM64_WATCH_VERSION = "26.0"

# Apple's "Describing use of required reason API": the C functions of each category.
REQUIRED_REASON = {
    "NSPrivacyAccessedAPICategoryFileTimestamp": {
        "_stat", "_fstat", "_lstat", "_fstatat",
        "_getattrlist", "_getattrlistat", "_getattrlistbulk", "_fgetattrlist",
    },
    "NSPrivacyAccessedAPICategoryDiskSpace": {"_statfs", "_statvfs", "_fstatfs", "_fstatvfs"},
    "NSPrivacyAccessedAPICategorySystemBootTime": {"_mach_absolute_time"},
}  # fmt: skip

# Rust's mangled names; and what the module map would have to link frameworks for.
UNLINKED = re.compile(r"^_(_ZN|_R|Sec|CF|uniffi_|ffi_)")


@dataclass(frozen=True)
class Measured:
    """A row of the table."""

    slice: str
    architecture: str
    version: str
    library_bytes: int
    added_bytes: int


def declared(header: Path) -> set[str]:
    """The functions of the generated header, as the linker calls them."""
    found = re.findall(r"^[A-Za-z].*?\b((?:uniffi|ffi)_backhaul_ffi_\w+)\(", header.read_text(), re.MULTILINE)
    return {"_" + name for name in found}


def lowest_versions(manifest: Path) -> dict[str, str]:
    """Of each platform, from Package.swift."""
    found = re.findall(r"\.(iOS|macOS|watchOS)\(\.v(\d+)(?:_(\d+))?\)", manifest.read_text())
    return {name.lower(): f"{major}.{minor or 0}" for name, major, minor in found}


def check_information(framework: Path) -> Iterator[str]:
    """Info.plist names exactly the slices that are there."""
    try:
        plist = plistlib.loads((framework / "Info.plist").read_bytes())
    except (OSError, plistlib.InvalidFileException, ExpatError) as error:
        yield f"Info.plist cannot be read: {error}"
        return
    if plist.get("CFBundlePackageType") != "XFWK" or plist.get("XCFrameworkFormatVersion") != "1.0":
        yield "Info.plist is not that of an XCFramework"
    entries = {entry["LibraryIdentifier"]: entry for entry in plist.get("AvailableLibraries", [])}
    folders = {path.name for path in framework.iterdir() if path.is_dir()}
    wanted = {each.identifier for each in SLICES}
    if set(entries) != wanted or folders != wanted:
        yield f"slices: {sorted(wanted)} wanted, {sorted(entries)} in Info.plist, {sorted(folders)} on disk"
    for each in SLICES:
        entry = entries.get(each.identifier, {})
        if entry.get("SupportedArchitectures") != list(each.targets):
            yield f"{each.identifier}: Info.plist has architectures {entry.get('SupportedArchitectures')}"
        if entry.get("SupportedPlatform") != each.platform:
            yield f"{each.identifier}: Info.plist has platform {entry.get('SupportedPlatform')}"
        if (entry.get("SupportedPlatformVariant") == "simulator") != each.simulator:
            yield f"{each.identifier}: Info.plist has variant {entry.get('SupportedPlatformVariant')}"
        for key in ("LibraryPath", "BinaryPath", "HeadersPath"):
            if not (framework / each.identifier / entry.get(key, "?")).exists():
                yield f"{each.identifier}: {key} of Info.plist is not there"


def check_headers(framework: Path, header: Path) -> Iterator[str]:
    """Every slice has the generated header, and clang imports it under the module's name."""
    for each in SLICES:
        folder = framework / each.identifier / "Headers" / MODULE
        if not (folder / HEADER).is_file() or (folder / HEADER).read_bytes() != header.read_bytes():
            yield f"{each.identifier}: the header is not the generated one"
        try:
            import_module(folder.parent, each)
            if 'link "sqlite3"' not in (folder / "module.modulemap").read_text():
                yield f"{each.identifier}: the module map does not link the system's SQLite"
        except (OSError, RuntimeError) as error:
            yield f"{each.identifier}: the module {MODULE} cannot be imported: {error}"


def import_module(headers: Path, each: Slice) -> None:
    """As Xcode does, but without Apple's SDK: freestanding, clang has the headers that ours includes."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "import.m")
        source.write_text(
            f"@import {MODULE};\nint version(void) {{ return ffi_backhaul_ffi_uniffi_contract_version(); }}\n"
        )
        for architecture in each.targets:
            tools.run(
                tools.find("clang"), "-fsyntax-only", "-ffreestanding", "-fmodules",
                f"-fmodules-cache-path={scratch}", "-target", f"{architecture}-apple-{each.platform}",
                "-I", str(headers), str(source),
            )  # fmt: skip


def check_archive(framework: Path) -> Iterator[str]:
    """The zip holds the framework, and its checksum is the one a manifest would state."""
    archive = framework.with_name(framework.name + ".zip")
    stated = archive.with_name(archive.name + ".checksum")
    if not archive.is_file() or not stated.is_file():
        yield "no zip, or no checksum"
        return
    if hashlib.sha256(archive.read_bytes()).hexdigest() != stated.read_text().strip():
        yield "the checksum is not that of the zip"
    with zipfile.ZipFile(archive) as opened:
        packed = {name: opened.read(name) for name in opened.namelist()}
    there = {str(p.relative_to(framework.parent)): p.read_bytes() for p in framework.rglob("*") if p.is_file()}
    if packed != there:
        yield "the zip does not hold what is in the framework"


def allowed_versions(each: Slice, architecture: str, lowest: dict[str, str]) -> set[str]:
    allowed = {lowest[each.platform]}
    if each.identifier == "watchos-arm64_arm64_32" and architecture == "arm64":
        allowed.add(ARM64_WATCH_VERSION)
    return allowed


def check_library(library: Library, each: Slice, lowest: dict[str, str], header: Path) -> Iterator[str]:
    """Architecture, platform, lowest version and exports of one library."""
    name = f"{each.identifier} {library.architecture}"
    if library.architectures() != {library.architecture}:
        yield f"{name}: its objects are for {sorted(library.architectures())}"
    versions = library.versions()
    if not versions:
        yield f"{name}: no object says which platform it is for"
    for platform, version in versions:
        if platform != each.linker_platform.replace("-", ""):
            yield f"{name}: an object is for {platform}"
        if version not in allowed_versions(each, library.architecture, lowest):
            yield f"{name}: an object needs {platform} {version}, Package.swift says {lowest[each.platform]}"
    if b"/.cargo/" in library.path.read_bytes():
        yield f"{name}: holds paths of the machine that built it"
    lacking = declared(header) - library.exported()
    if lacking:
        yield f"{name}: {len(lacking)} symbols of the header are missing, such as {min(lacking)}"


def check_linked(linked: Library, each: Slice, privacy: Path, limit_bytes: int) -> Iterator[str]:
    """Size of what an app gets, and what that needs of the system."""
    name = f"{each.identifier} {linked.architecture}"
    size = linked.path.stat().st_size
    if size > limit_bytes:
        yield f"{name}: adds {size} bytes to an app, more than {limit_bytes}"
    imported = linked.imported()
    unknown = sorted(symbol for symbol in imported if UNLINKED.match(symbol))
    if unknown:
        yield f"{name}: nothing that is linked has {unknown[0]} ({len(unknown)} such symbols)"
    entries = plistlib.loads(privacy.read_bytes())["NSPrivacyAccessedAPITypes"]
    reasons = {entry["NSPrivacyAccessedAPIType"]: entry["NSPrivacyAccessedAPITypeReasons"] for entry in entries}
    for category, functions in REQUIRED_REASON.items():
        used = sorted(imported & functions)
        if used and not reasons.get(category):
            yield f"{name}: calls {used[0]}, and the privacy manifest gives no reason in {category}"


def thin(framework: Path, each: Slice, architecture: str, into: Path) -> Library:
    """One architecture of a slice, as a library of its own."""
    whole = framework / each.identifier / LIBRARY
    if len(each.targets) == 1:
        return Library(whole, architecture)
    tools.run(tools.find("llvm-lipo", "lipo"), str(whole), "-thin", architecture, "-output", str(into))
    return Library(into, architecture)


def check(
    framework: Path, header: Path, manifest: Path, privacy: Path, limit_bytes: int = LIMIT_BYTES
) -> tuple[list[str], list[Measured]]:
    """All problems, and the table."""
    problems = [*check_information(framework), *check_headers(framework, header), *check_archive(framework)]
    table = []
    lowest = lowest_versions(manifest)
    for each in SLICES:
        for architecture in each.targets:
            with tempfile.TemporaryDirectory() as scratch:
                try:
                    library = thin(framework, each, architecture, Path(scratch, LIBRARY))
                    problems += check_library(library, each, lowest, header)
                    kept = {symbol for symbol in declared(header) & library.exported() if not TEST_KIT.match(symbol)}
                    version = max(version for _, version in library.versions())
                    linked = library.link(each.linker_platform, version, kept, Path(scratch, "linked.dylib"))
                    problems += check_linked(linked, each, framework / privacy.name, limit_bytes)
                    sizes = (library.path.stat().st_size, linked.path.stat().st_size)
                    table.append(Measured(each.identifier, architecture, version, *sizes))
                except (OSError, RuntimeError, ValueError) as error:
                    problems.append(f"{each.identifier} {architecture}: {error}")
    return problems, table
