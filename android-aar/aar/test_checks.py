"""Breaks a real repository in one way at a time, and sees that it is noticed.

Run: BACKHAUL_REPOSITORY=android-aar/target/repository python3 -m unittest discover android-aar/aar
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

import archive
import check_aar
import check_classes
import check_native
import checks
import repository
from build import ABIS, ANDROID, ANDROID_MODULES, GROUP, JVM, LIBRARY, PAGE_BYTES, Build

BUILD = Build(Path(__file__).resolve().parent.parent)
FUNCTIONS = checks.declared(BUILD.generated)
JVM_ARTEFACT, ANDROID_ARTEFACT = checks.ARTEFACTS


class Case(unittest.TestCase):
    def assert_noticed(self, problems: list[str], *words: str) -> None:
        for word in words:
            self.assertTrue(any(word in problem for problem in problems), f"{word!r} is not in {problems}")


class BrokenRepository(Case):
    """Each test damages a copy."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name, "repository")
        shutil.copytree(os.environ["BACKHAUL_REPOSITORY"], self.root)

    def file(self, artefact: checks.Artefact, ending: str) -> Path:
        return artefact.file(self.root, BUILD.version, ending)

    def problems(self) -> list[str]:
        return checks.check(self.root, BUILD)[0]

    def replace(self, path: Path, old: str, new: str) -> None:
        """With true checksums: only the content is wrong."""
        text = path.read_text()
        self.assertIn(old, text)
        repository.write(path.parent, repository.File(path.name, text.replace(old, new).encode()))

    def test_whole(self) -> None:
        self.assertEqual(self.problems(), [])

    def test_checksum(self) -> None:
        jar = self.file(JVM_ARTEFACT, ".jar")
        jar.write_bytes(jar.read_bytes() + b"\n")
        self.assert_noticed(self.problems(), "jar.sha256 is not the sha256 of its file", "size or checksums")

    def test_missing_file(self) -> None:
        self.file(ANDROID_ARTEFACT, "-sources.jar").unlink()
        self.assert_noticed(self.problems(), "backhaul-android: missing")

    def test_stray_file(self) -> None:
        self.file(JVM_ARTEFACT, "-tests.jar").touch()
        self.assert_noticed(self.problems(), "stray ['backhaul-0.1.0-tests.jar']")

    def test_jna_as_a_jar_on_android(self) -> None:
        self.replace(self.file(ANDROID_ARTEFACT, ".pom"), "<type>aar</type>", "<type>jar</type>")
        self.assert_noticed(self.problems(), "backhaul-android-0.1.0.pom: depends on")

    def test_version_of_a_dependency(self) -> None:
        self.replace(self.file(JVM_ARTEFACT, ".module"), '"requires": "2.', '"requires": "1.')
        self.assert_noticed(self.problems(), "backhaul-0.1.0.module: the dependencies of jvmApiElements")

    def test_gradle_is_not_told(self) -> None:
        self.replace(self.file(JVM_ARTEFACT, ".pom"), "do_not_remove", "removed")
        self.assert_noticed(self.problems(), "Gradle is not told")

    def test_android_variant_that_leads_nowhere(self) -> None:
        self.replace(self.file(JVM_ARTEFACT, ".module"), "../../backhaul-android/", "../../backhaul-phone/")
        self.assert_noticed(self.problems(), "androidApiElements leads to ../../backhaul-phone")

    def test_missing_variant(self) -> None:
        path = self.file(ANDROID_ARTEFACT, ".module")
        module = json.loads(path.read_text())
        module["variants"] = module["variants"][1:]
        repository.write(path.parent, repository.File(path.name, json.dumps(module).encode()))
        self.assert_noticed(self.problems(), "there is no variant androidApiElements")

    def test_publishing_again_leaves_nothing_of_before(self) -> None:
        folder = ANDROID_ARTEFACT.folder(self.root, BUILD.version)
        repository.publish(self.root, GROUP, ANDROID, BUILD.version, [repository.File("only", b"this")])
        names = sorted(path.name for path in folder.iterdir())
        self.assertEqual(names, ["only", "only.md5", "only.sha1", "only.sha256", "only.sha512"])

    def test_versions_are_listed(self) -> None:
        repository.publish(self.root, GROUP, JVM, "9.0", [repository.File("a", b"")])
        listed = (folder := repository.folder_of(self.root, GROUP, JVM)) / "maven-metadata.xml"
        self.assertIn(f"<version>{BUILD.version}</version>", listed.read_text())
        self.assertIn("<latest>9.0</latest>", listed.read_text())
        digest = repository.File("", listed.read_bytes()).digests()["sha1"]
        self.assertEqual((folder / "maven-metadata.xml.sha1").read_text(), digest)


class BrokenAar(Case):
    """The archive as it was published, with one entry changed."""

    def setUp(self) -> None:
        root = Path(os.environ["BACKHAUL_REPOSITORY"])
        self.entries = archive.unpack(ANDROID_ARTEFACT.file(root, BUILD.version, ".aar"))
        self.sources = archive.unpack(ANDROID_ARTEFACT.file(root, BUILD.version, "-sources.jar"))
        self.jar = archive.unpack(JVM_ARTEFACT.file(root, BUILD.version, ".jar"))

    def problems(self) -> list[str]:
        return list(check_aar.check(self.entries, self.sources, BUILD, FUNCTIONS))

    def change(self, name: str, old: bytes, new: bytes) -> None:
        self.assertIn(old, self.entries[name])
        self.entries[name] = self.entries[name].replace(old, new)

    def add_class(self, name: str, content: bytes) -> None:
        classes = archive.unpack(self.entries["classes.jar"])
        self.entries["classes.jar"] = archive.pack(classes | {name: content})

    def test_the_same_inputs_give_the_same_bytes(self) -> None:
        self.assertEqual(archive.pack(self.entries), archive.pack(dict(reversed(self.entries.items()))))

    def test_library_of_the_host(self) -> None:
        name = next(name for name in self.jar if name.startswith("linux-"))
        self.add_class(name, self.jar[name])
        self.assert_noticed(self.problems(), f"{name} does not belong into it")

    def test_classes_of_somebody_else(self) -> None:
        name = next(name for name in self.jar if name.endswith("/Session.class"))
        self.add_class("com/sun/jna/Session.class", self.jar[name])
        self.assert_noticed(self.problems(), "com/sun/jna/Session.class is not ours")

    def test_class_without_a_source(self) -> None:
        del self.sources["dev/backhaul/Session.kt"]
        self.assert_noticed(self.problems(), "dev/backhaul/Session.class has no source")

    def test_source_without_a_class(self) -> None:
        self.sources["dev/backhaul/More.kt"] = b"package dev.backhaul\n\npublic class More\n"
        self.assert_noticed(self.problems(), "no class comes from dev/backhaul/More.kt")

    def test_class_for_a_newer_java(self) -> None:
        name = "dev/backhaul/Session.class"
        content = self.jar[name][:6] + struct.pack(">H", 65) + self.jar[name][8:]
        problems = list(check_classes.check_class(name, content, self.sources, BUILD.java))
        self.assert_noticed(problems, f"{name} is for Java 21, apps may have 11")

    def test_rules(self) -> None:
        for rule in check_aar.RULES:
            with self.subTest(rule):
                lines = BUILD.rules.read_text().replace(rule, "")
                self.assert_noticed(list(check_aar.check_rules(lines)), f"proguard.txt lacks {rule}")

    def test_attributes(self) -> None:
        self.change("proguard.txt", b"AnnotationDefault,", b"")
        self.assert_noticed(self.problems(), "proguard.txt does not keep AnnotationDefault")

    def test_rule_for_the_whole_app(self) -> None:
        self.entries["proguard.txt"] += b"-dontobfuscate\n"
        self.assert_noticed(self.problems(), "switches something off for the whole app")

    def test_missing_entry(self) -> None:
        del self.entries["R.txt"]
        self.assert_noticed(self.problems(), "the AAR lacks ['R.txt']")

    def test_stray_entry(self) -> None:
        self.entries["libs/other.jar"] = b""
        self.assert_noticed(self.problems(), "has ['libs/other.jar'] for nothing")

    def test_contents_that_promise_libraries(self) -> None:
        self.entries[archive.CONTENTS] = archive.contents(BUILD.version, list(ABIS))
        self.assert_noticed(self.problems(), "contents.properties does not say what is there")

    def test_lowest_system(self) -> None:
        self.change("AndroidManifest.xml", b'minSdkVersion="26"', b'minSdkVersion="21"')
        self.assert_noticed(self.problems(), "its minSdkVersion is not 26")

    def test_components(self) -> None:
        manifest = b"""<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="dev.backhaul.android">
            <uses-sdk android:minSdkVersion="26"/>
            <application>
              <service android:name=".Gone" android:exported="true"/>
              <provider android:name="dev.backhaul.Session" android:authorities="dev.backhaul"/>
            </application></manifest>"""
        problems = list(check_aar.check_manifest(manifest, self.jar))
        self.assert_noticed(problems, "there is no class dev.backhaul.android.Gone", "Gone is open to every app",
                            "dev.backhaul.Session has an authority that is not the app's own")  # fmt: skip
        self.assertEqual(len(problems), 3)

    def test_manifest_that_is_none(self) -> None:
        self.entries["AndroidManifest.xml"] = b"<manifest"
        self.assert_noticed(self.problems(), "AndroidManifest.xml cannot be read")


class NativeLibraries(Case):
    """The compiler of this machine makes libraries that have the right shape and nothing in them."""

    @classmethod
    def setUpClass(cls) -> None:
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = Path(scratch.name)
        source = cls.folder / "library.c"
        source.write_text("".join(f"void {name}(void) {{}}\n" for name in sorted(FUNCTIONS)))
        for abi in ABIS:
            cls.link(abi, f"-Wl,-z,max-page-size={PAGE_BYTES},-soname,lib{LIBRARY}.so", "-s", folder="jni")

    @classmethod
    def link(cls, abi: str, *flags: str, folder: str = "broken") -> bytes:
        bits, machine = ABIS[abi]
        path = cls.folder / folder / abi / f"lib{LIBRARY}.so"
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["gcc", f"-m{bits}", "-shared", "-nostdlib", "-fPIC", *flags, "-o", path, cls.folder / "library.c"],
            check=True,
        )
        content = bytearray(path.read_bytes())
        struct.pack_into("<H", content, 18, machine)
        path.write_bytes(content)
        return bytes(content)

    def problems(self, abi: str, content: bytes) -> list[str]:
        return list(check_native.check_abi(abi, content, FUNCTIONS))

    def test_right_ones(self) -> None:
        native = archive.native_of_abis(self.folder / "jni")
        self.assertEqual(sorted(native), [f"jni/{abi}/lib{LIBRARY}.so" for abi in sorted(ABIS)])
        for abi in ABIS:
            self.assertEqual(self.problems(abi, native[f"jni/{abi}/lib{LIBRARY}.so"]), [])

    def test_in_an_aar(self) -> None:
        entries = archive.unpack(archive.aar(BUILD, self.folder / "jni"))
        sources = archive.unpack(archive.sources_jar(BUILD, ANDROID_MODULES))
        self.assertEqual(list(check_aar.check(entries, sources, BUILD, FUNCTIONS)), [])
        self.assertEqual(entries[archive.CONTENTS].decode().splitlines()[1], "native=arm64-v8a,armeabi-v7a,x86_64")
        del entries[f"jni/armeabi-v7a/lib{LIBRARY}.so"]
        problems = list(check_aar.check(entries, sources, BUILD, FUNCTIONS))
        self.assert_noticed(problems, "libraries for ['arm64-v8a', 'x86_64'] only")

    def test_one_abi_of_three(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(self.folder / "jni" / "x86_64", Path(folder, "x86_64"))
            with self.assertRaisesRegex(archive.Incomplete, "for arm64-v8a, armeabi-v7a: run android-aar/build-native"):
                archive.native_of_abis(Path(folder))

    def test_pages(self) -> None:
        for abi in ABIS:
            with self.subTest(abi):
                content = self.link(abi, f"-Wl,-z,max-page-size=4096,-soname,lib{LIBRARY}.so", "-s")
                self.assert_noticed(self.problems(abi, content), "is aligned to 4096 bytes")

    def test_processor(self) -> None:
        content = self.link("x86_64", "-s")
        self.assert_noticed(self.problems("arm64-v8a", content), "the library is for 64 bits, machine 62")

    def test_what_the_linker_left(self) -> None:
        problems = self.problems("x86_64", self.link("x86_64", "-Wl,-rpath,/home/me", "-Wl,--no-as-needed", "-lgcc_s"))
        self.assert_noticed(problems, "needs libgcc_s.so.1", "holds a search path", "is not stripped",
                            "its name in itself is None")  # fmt: skip

    def test_missing_functions(self) -> None:
        content = self.link("x86_64", "-fvisibility=hidden")
        self.assert_noticed(self.problems("x86_64", content), f"lacks {len(FUNCTIONS)} functions that the Kotlin calls")

    def test_library_of_this_machine_is_not_one_of_a_phone(self) -> None:
        host = next(BUILD.folder.joinpath("target", "native").glob("linux-*/*.so")).read_bytes()
        self.assert_noticed(self.problems("x86_64", host), "needs ")
        self.assertNotIn("functions", " ".join(self.problems("x86_64", host)))

    def test_no_library(self) -> None:
        self.assert_noticed(self.problems("x86_64", b"!<arch>\n"), "x86_64: no little-endian ELF file")


if __name__ == "__main__":
    unittest.main()
