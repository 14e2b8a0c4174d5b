"""Puts the AAR, the JVM jar and the sources jars together. The same inputs always give the same bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from build import ABIS, ANDROID_MODULES, JVM_MODULES, LIBRARY, MIN_COMPILE_SDK, Build

# The earliest date that a zip can hold.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)

METADATA = "META-INF/com/android/build/gradle/aar-metadata.properties"
# Says for people and programs whether the native part is there.
CONTENTS = "META-INF/dev.backhaul/contents.properties"
ABSENT = "absent"

Entries = dict[str, bytes]


class Incomplete(Exception):
    """Something that goes into an archive is not there. The message says what makes it."""


def pack(entries: Entries) -> bytes:
    """A zip; a manifest comes first, as jar readers want it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in sorted(entries, key=lambda name: (name != "META-INF/MANIFEST.MF", name)):
            entry = zipfile.ZipInfo(name, ZIP_EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, entries[name])
    return stream.getvalue()


def unpack(content: bytes | Path) -> Entries:
    source = content if isinstance(content, Path) else io.BytesIO(content)
    with zipfile.ZipFile(source) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/")}


def classes(build: Build, modules: tuple[str, ...]) -> Entries:
    """Compiled classes and Kotlin's lists of top-level functions; native libraries in a module's folder stay out."""
    entries: Entries = {}
    for module in modules:
        folder = build.classes(module)
        found = [*folder.rglob("*.class"), *folder.glob("META-INF/*.kotlin_module")]
        if not found:
            raise Incomplete(f"{folder} has no classes: run `mvn package -pl android -am -Dmaven.test.skip` in android-aar")
        entries |= {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
    return entries


def manifest(title: str, version: str) -> bytes:
    lines = ["Manifest-Version: 1.0", f"Implementation-Title: {title}", f"Implementation-Version: {version}"]
    return "\r\n".join([*lines, "Automatic-Module-Name: dev.backhaul", "", ""]).encode()


def aar(build: Build, libraries: Path | None) -> bytes:
    """The AAR; without `libraries` (ABI/lib….so) it says of itself that it has none."""
    if not build.manifest.is_file():
        raise Incomplete(f"there is no {build.manifest}")
    native = native_of_abis(libraries) if libraries else {}
    entries = {
        "AndroidManifest.xml": build.manifest.read_bytes(),
        "R.txt": b"",  # the library has no resources
        "classes.jar": pack(classes(build, ANDROID_MODULES)),
        "proguard.txt": build.rules.read_bytes(),
        METADATA: metadata(),
        CONTENTS: contents(build.version, list(ABIS) if libraries else []),
    }
    return pack(entries | native)


def metadata() -> bytes:
    lines = {
        "aarFormatVersion": "1.0",
        "aarMetadataVersion": "1.0",
        "minCompileSdk": MIN_COMPILE_SDK,
        "minCompileSdkExtension": 0,
        "minAndroidGradlePluginVersion": "1.0.0",
        "coreLibraryDesugaringEnabled": "false",
    }
    return "".join(f"{key}={value}\n" for key, value in lines.items()).encode()


def contents(version: str, abis: list[str]) -> bytes:
    return f"version={version}\nnative={','.join(abis) or ABSENT}\n".encode()


def native_of_abis(libraries: Path) -> Entries:
    """All of the ABIs, or none: an app that works on some phones only is worse than one that does not build."""
    name = f"lib{LIBRARY}.so"
    missing = [abi for abi in ABIS if not (libraries / abi / name).is_file()]
    if missing:
        raise Incomplete(f"{libraries} has no {name} for {', '.join(missing)}: run android-aar/build-native")
    return {f"jni/{abi}/{name}": (libraries / abi / name).read_bytes() for abi in ABIS}


def jvm_jar(build: Build, natives: Path) -> bytes:
    """Classes, and a native library for each platform that `natives` (in JNA's names) has."""
    found = sorted(natives.glob(f"*/*{LIBRARY}.*"))
    if not found:
        raise Incomplete(f"{natives} has no library: run android-aar/build-host-native --release")
    entries = classes(build, JVM_MODULES) | {p.relative_to(natives).as_posix(): p.read_bytes() for p in found}
    for name in ("LICENSE-APACHE", "LICENSE-MIT"):
        entries[f"META-INF/dev.backhaul/{name}"] = (build.folder.parent / name).read_bytes()
    return pack(entries | {"META-INF/MANIFEST.MF": manifest("Backhaul", build.version)})


def sources_jar(build: Build, modules: tuple[str, ...]) -> bytes:
    entries: Entries = {}
    for module in modules:
        folder = build.sources(module)
        entries |= {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.kt")}
    return pack(entries | {"META-INF/MANIFEST.MF": manifest("Backhaul, sources", build.version)})
