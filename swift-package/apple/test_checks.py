"""Breaks a real framework in one way at a time, and sees that it is noticed.

Run: BACKHAUL_FRAMEWORK=swift-package/Backhaul.xcframework python3 -m unittest discover swift-package/apple
"""

from __future__ import annotations

import os
import plistlib
import shutil
import struct
import tempfile
import unittest
from pathlib import Path

import checks
import framework
from slices import FRAMEWORK, HEADER, LIBRARY, MODULE, SLICES

SOURCES = Path(__file__).resolve().parent.parent
SLICE = SLICES[0]
# LC_BUILD_VERSION, the size of the command, the platform iOS.
IOS_VERSION = struct.pack("<III", 0x32, 24, 2)


class BrokenFramework(unittest.TestCase):
    """Each test damages a copy; the original was found right before."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.framework = Path(scratch.name, FRAMEWORK)
        shutil.copytree(os.environ["BACKHAUL_FRAMEWORK"], self.framework)
        framework.pack(self.framework)
        self.library = self.framework / SLICE.identifier / LIBRARY
        self.header = SOURCES / "Sources" / MODULE / HEADER

    def problems(self, limit_bytes: int = checks.LIMIT_BYTES) -> list[str]:
        privacy = SOURCES / "Sources" / "Backhaul" / "PrivacyInfo.xcprivacy"
        return checks.check(self.framework, self.header, SOURCES.parent / "Package.swift", privacy, limit_bytes)[0]

    def assert_noticed(self, *words: str, limit_bytes: int = checks.LIMIT_BYTES) -> None:
        problems = self.problems(limit_bytes)
        for word in words:
            self.assertTrue(any(word in problem for problem in problems), f"{word!r} is not in {problems}")

    def edit(self, path: Path, old: bytes, new: bytes) -> None:
        content = path.read_bytes()
        self.assertIn(old, content)
        path.write_bytes(content.replace(old, new))

    def edit_plist(self, path: Path, change) -> None:
        plist = plistlib.loads(path.read_bytes())
        change(plist)
        path.write_bytes(plistlib.dumps(plist))

    def test_whole(self) -> None:
        self.assertEqual(self.problems(), [])

    def test_lowest_version(self) -> None:
        sixteen, seventeen = struct.pack("<I", 16 << 16), struct.pack("<I", 17 << 16)
        self.edit(self.library, IOS_VERSION + sixteen, IOS_VERSION + seventeen)
        self.assert_noticed("an object needs ios 17.0, Package.swift says 16.0")

    def test_platform(self) -> None:
        shutil.copyfile(self.framework / SLICES[1].identifier / LIBRARY, self.library)
        self.assert_noticed("an object is for iossimulator")

    def test_architecture(self) -> None:
        watch = self.framework / SLICES[2].identifier / LIBRARY
        checks.tools.run(
            checks.tools.find("llvm-lipo", "lipo"), str(watch), "-thin", "arm64_32", "-output", str(self.library)
        )
        self.assert_noticed("its objects are for ['arm64_32']")

    def test_missing_symbol(self) -> None:
        name = min(checks.declared(self.header)).encode()
        self.edit(self.library, name, name[:-1] + b"?")
        self.assert_noticed(f"1 symbols of the header are missing, such as {name.decode()}")

    def test_missing_slice(self) -> None:
        shutil.rmtree(self.framework / SLICES[4].identifier)
        self.assert_noticed("slices: ", "macos-arm64 arm64: ")

    def test_plist_without_architecture(self) -> None:
        def change(plist: dict) -> None:
            for entry in plist["AvailableLibraries"]:
                entry["SupportedArchitectures"] = ["arm64"]

        self.edit_plist(self.framework / "Info.plist", change)
        self.assert_noticed("watchos-arm64_arm64_32: Info.plist has architectures ['arm64']")

    def test_plist_that_is_none(self) -> None:
        (self.framework / "Info.plist").write_text("<plist")
        self.assert_noticed("Info.plist cannot be read")

    def test_stale_header(self) -> None:
        header = self.framework / SLICE.identifier / "Headers" / MODULE / HEADER
        header.write_text(header.read_text() + "\nvoid more(void);\n")
        self.assert_noticed("the header is not the generated one")

    def test_module_map_without_sqlite(self) -> None:
        self.edit(self.framework / SLICE.identifier / "Headers" / MODULE / "module.modulemap", b'link "sqlite3"', b"")
        self.assert_noticed("the module map does not link the system's SQLite")

    def test_module_in_a_folder_of_another_name(self) -> None:
        folder = self.framework / SLICE.identifier / "Headers" / MODULE
        shutil.copytree(folder, folder.with_name("Other"))
        (folder / "module.modulemap").unlink()
        self.assert_noticed("the module BackhaulFFI cannot be imported")

    def test_privacy_manifest(self) -> None:
        self.edit_plist(
            self.framework / "PrivacyInfo.xcprivacy", lambda plist: plist["NSPrivacyAccessedAPITypes"].clear()
        )
        self.assert_noticed("and the privacy manifest gives no reason in NSPrivacyAccessedAPICategoryFileTimestamp")

    def test_checksum(self) -> None:
        archive = self.framework.with_name(FRAMEWORK + ".zip")
        archive.write_bytes(archive.read_bytes() + b"\n")
        self.assert_noticed("the checksum is not that of the zip")

    def test_size(self) -> None:
        self.assert_noticed("ios-arm64 arm64: adds ", limit_bytes=1_000_000)


if __name__ == "__main__":
    unittest.main()
