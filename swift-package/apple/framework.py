"""Puts Backhaul.xcframework together from the static libraries of all targets, with its zip and checksum.

The layout is what `xcodebuild -create-xcframework -library` makes, which exists on a Mac only.
"""

from __future__ import annotations

import argparse
import hashlib
import plistlib
import shutil
import subprocess
import zipfile
from pathlib import Path

from slices import FRAMEWORK, HEADER, LIBRARY, MODULE, SLICES, Slice

# The system's SQLite is linked; the rest is in libSystem, which every program links.
MODULE_MAP = f"""module {MODULE} {{
    header "{HEADER}"
    export *
    link "sqlite3"
}}
"""
# The earliest date that a zip can hold: the same libraries always give the same checksum.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def add_library(framework: Path, each: Slice, libraries: Path, lipo: str) -> None:
    """One library for all architectures of a slice."""
    inputs = [libraries / target / LIBRARY for target in each.targets.values()]
    output = framework / each.identifier / LIBRARY
    output.parent.mkdir(parents=True)
    if len(inputs) == 1:
        shutil.copyfile(inputs[0], output)
    else:
        subprocess.run([lipo, "-create", *map(str, inputs), "-output", str(output)], check=True)


def add_headers(framework: Path, each: Slice, header: Path) -> None:
    folder = framework / each.identifier / "Headers" / MODULE
    folder.mkdir(parents=True)
    shutil.copyfile(header, folder / HEADER)
    (folder / "module.modulemap").write_text(MODULE_MAP)


def information(each: Slice) -> dict[str, object]:
    entry: dict[str, object] = {
        "BinaryPath": LIBRARY,
        "HeadersPath": "Headers",
        "LibraryIdentifier": each.identifier,
        "LibraryPath": LIBRARY,
        "SupportedArchitectures": list(each.targets),
        "SupportedPlatform": each.platform,
    }
    if each.simulator:
        entry["SupportedPlatformVariant"] = "simulator"
    return entry


def assemble(framework: Path, libraries: Path, header: Path, privacy: Path, lipo: str) -> None:
    shutil.rmtree(framework, ignore_errors=True)
    for each in SLICES:
        add_library(framework, each, libraries, lipo)
        add_headers(framework, each, header)
    shutil.copyfile(privacy, framework / privacy.name)
    plist = {
        "AvailableLibraries": [information(each) for each in SLICES],
        "CFBundlePackageType": "XFWK",
        "XCFrameworkFormatVersion": "1.0",
    }
    (framework / "Info.plist").write_bytes(plistlib.dumps(plist))


def pack(framework: Path) -> None:
    """The zip that a binaryTarget with a URL downloads, and the checksum that its manifest states."""
    archive = framework.with_name(framework.name + ".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path in sorted(p for p in framework.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(str(path.relative_to(framework.parent)), ZIP_EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, path.read_bytes())
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.with_name(archive.name + ".checksum").write_text(digest + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--libraries", type=Path, required=True, help="a folder with TARGET/" + LIBRARY)
    parser.add_argument("--header", type=Path, required=True)
    parser.add_argument("--privacy", type=Path, required=True)
    parser.add_argument("--lipo", required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    framework = given.out / FRAMEWORK
    assemble(framework, given.libraries, given.header, given.privacy, given.lipo)
    pack(framework)


if __name__ == "__main__":
    main()
