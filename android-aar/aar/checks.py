"""What must be true of the published repository. Each check yields the problems it finds, one sentence each."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import check_aar
import check_classes
import check_native
from archive import Entries, unpack
from build import ANDROID, ANDROID_MODULES, GROUP, JVM, JVM_MODULES, POM, Build, Dependency
from pom import GRADLE_MARK
from repository import ALGORITHMS, File, folder_of


@dataclass(frozen=True)
class Artefact:
    name: str
    extension: str
    modules: tuple[str, ...]

    def folder(self, repository: Path, version: str) -> Path:
        return folder_of(repository, GROUP, self.name) / version

    def file(self, repository: Path, version: str, ending: str) -> Path:
        return self.folder(repository, version) / f"{self.name}-{version}{ending}"


ARTEFACTS = (Artefact(JVM, "jar", JVM_MODULES), Artefact(ANDROID, "aar", ANDROID_MODULES))


@dataclass(frozen=True)
class Measured:
    """A row of the table."""

    what: str
    bytes: int


def check_files(folder: Path, artefact: Artefact, version: str) -> Iterator[str]:
    """What is there, and its checksums."""
    wanted = {
        f"{artefact.name}-{version}{end}" for end in (f".{artefact.extension}", "-sources.jar", ".pom", ".module")
    }
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    sums = {f"{name}.{algorithm}" for name in wanted for algorithm in ALGORITHMS}
    if there != wanted | sums:
        yield f"{artefact.name}: missing {sorted((wanted | sums) - there)}, stray {sorted(there - wanted - sums)}"
    for name in wanted & there:
        for algorithm, digest in File(name, (folder / name).read_bytes()).digests().items():
            stated = folder / f"{name}.{algorithm}"
            if stated.is_file() and stated.read_text() != digest:
                yield f"{stated.name} is not the {algorithm} of its file"


def check_pom(path: Path, artefact: Artefact, version: str, wanted: list[Dependency]) -> Iterator[str]:
    """Coordinates, packaging, dependencies."""
    text = path.read_text()
    root = ElementTree.fromstring(text)
    if GRADLE_MARK not in text:
        yield f"{path.name}: Gradle is not told of the .module file"
    found = tuple(root.findtext(POM + key) for key in ("groupId", "artifactId", "version", "packaging"))
    if found != (GROUP, artefact.name, version, artefact.extension):
        yield f"{path.name}: its coordinates are {found}"
    stated = [
        Dependency(*(each.findtext(POM + key, "") for key in ("groupId", "artifactId", "version", "scope")),
                   each.findtext(POM + "type", "jar"))
        for each in root.iterfind(f"{POM}dependencies/{POM}dependency")
    ]  # fmt: skip
    if stated != wanted:
        yield f"{path.name}: depends on {stated}, the modules on {wanted}"


def check_module(path: Path, artefact: Artefact, version: str, wanted: list[Dependency]) -> Iterator[str]:
    """Every variant leads to a file that is there, with its true checksums, and has the POM's dependencies."""
    try:
        module = json.loads(path.read_text())
        variants = {each["name"]: each for each in module["variants"]}
    except (ValueError, KeyError) as error:
        yield f"{path.name} cannot be read: {error}"
        return
    component = module.get("component", {})
    if (component.get("group"), component.get("module"), component.get("version")) != (GROUP, artefact.name, version):
        yield f"{path.name}: it is of {component}"
    platforms = ("jvm", "android") if artefact.name == JVM else ("android",)
    for name in (f"{platform}{kind}Elements" for platform in platforms for kind in ("Api", "Runtime")):
        if name not in variants:
            yield f"{path.name}: there is no variant {name}"
    for name, each in variants.items():
        yield from check_variant(path, name, each, wanted)


def check_variant(path: Path, name: str, variant: dict, wanted: list[Dependency]) -> Iterator[str]:
    elsewhere = variant.get("available-at")
    if elsewhere and not (path.parent / elsewhere["url"]).is_file():
        yield f"{path.name}: {name} leads to {elsewhere['url']}, which is not there"
    for entry in variant.get("files", []):
        file = path.parent / entry["url"]
        if not file.is_file():
            yield f"{path.name}: {name} has the file {entry['url']}, which is not there"
            continue
        content = file.read_bytes()
        true = {"name": file.name, "url": file.name, "size": len(content)} | File(file.name, content).digests()
        if entry != true:
            yield f"{path.name}: size or checksums of {file.name} in {name} are wrong"
    if elsewhere or variant["attributes"]["org.gradle.category"] != "library":
        return
    scopes = ("compile",) if variant["attributes"]["org.gradle.usage"] == "java-api" else ("compile", "runtime")
    stated = [
        (each["group"], each["module"], each["version"]["requires"], file_type(each))
        for each in variant["dependencies"]
    ]
    if stated != [(each.group, each.name, each.version, each.type) for each in wanted if each.scope in scopes]:
        yield f"{path.name}: the dependencies of {name} are {stated}"


def file_type(requirement: dict) -> str:
    return requirement.get("thirdPartyCompatibility", {}).get("artifactSelector", {}).get("type", "jar")


def declared(generated: Path) -> set[str]:
    """The functions of the native library that the generated Kotlin calls."""
    return set(re.findall(r"external fun ((?:uniffi|ffi)_backhaul_ffi_\w+)\(", generated.read_text()))


def check_jar(entries: Entries, sources: Entries, java: int, functions: set[str]) -> Iterator[str]:
    """The JVM jar: our classes, and libraries where JNA looks for them."""
    natives = {name for name in entries if check_native.PLATFORM.match(name)}
    if not natives:
        yield "the jar has no native library"
    for name in sorted(natives):
        yield from check_native.check_host(name, entries[name], functions)
    rest = {name: entries[name] for name in entries if name not in natives}
    allowed = {"META-INF/MANIFEST.MF", "META-INF/dev.backhaul/LICENSE-APACHE", "META-INF/dev.backhaul/LICENSE-MIT"}
    yield from check_classes.check(rest, sources, java, allowed)


def check(repository: Path, build: Build) -> tuple[list[str], list[Measured], list[str]]:
    """All problems, the table, and the ABIs that the AAR has libraries for."""
    problems, table = [], []
    version, functions = build.version, declared(build.generated)
    abis: list[str] = []
    for artefact in ARTEFACTS:
        folder = artefact.folder(repository, version)
        wanted = build.dependencies(artefact.modules, on_android=artefact.name == ANDROID)
        problems += check_files(folder, artefact, version)
        try:
            problems += check_pom(artefact.file(repository, version, ".pom"), artefact, version, wanted)
            problems += check_module(artefact.file(repository, version, ".module"), artefact, version, wanted)
            path = artefact.file(repository, version, f".{artefact.extension}")
            entries = unpack(path)
            sources = unpack(artefact.file(repository, version, "-sources.jar"))
        except (OSError, ValueError, ElementTree.ParseError) as error:
            problems.append(f"{artefact.name}: {error}")
            continue
        if artefact.name == ANDROID:
            problems += check_aar.check(entries, sources, build, functions)
            abis = check_aar.abis(entries)
        else:
            problems += check_jar(entries, sources, build.java, functions)
        table += [Measured(path.name, path.stat().st_size)]
        table += [Measured(f"  {name}", len(entries[name])) for name in sorted(entries) if measured(name)]
    return problems, table, abis


def measured(name: str) -> bool:
    return name.endswith((".so", ".dylib", ".dll")) or name == "classes.jar"
