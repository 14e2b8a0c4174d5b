"""Gradle module metadata: which file an Android app gets, and which a JVM program, of the same coordinates."""

from __future__ import annotations

import json

from build import ANDROID, GROUP, JVM, Dependency
from repository import File

# As Gradle, the Android plugin and Kotlin's plugin name what they look for.
USAGES = {"Api": "java-api", "Runtime": "java-runtime"}
JVM_ATTRIBUTES = {"org.gradle.jvm.environment": "standard-jvm", "org.jetbrains.kotlin.platform.type": "jvm"}
ANDROID_ATTRIBUTES = {"org.gradle.jvm.environment": "android", "org.jetbrains.kotlin.platform.type": "androidJvm"}

Json = dict[str, object]


def jvm_module(version: str, java: int, jar: File, sources: File, dependencies: list[Dependency]) -> bytes:
    """Of the artefact that everybody names. Apps for Android are led to the other one."""
    attributes = JVM_ATTRIBUTES | {"org.gradle.libraryelements": "jar", "org.gradle.jvm.version": java}
    variants = [library(f"jvm{kind}Elements", attributes, kind, jar, dependencies) for kind in USAGES]
    variants.append(source_variant("jvmSourcesElements", JVM_ATTRIBUTES, sources))
    variants += [elsewhere(f"android{kind}Elements", kind, version) for kind in USAGES]
    return document(JVM, version, variants)


def android_module(version: str, aar: File, sources: File, dependencies: list[Dependency]) -> bytes:
    attributes = ANDROID_ATTRIBUTES | {"org.gradle.libraryelements": "aar"}
    variants = [library(f"android{kind}Elements", attributes, kind, aar, dependencies) for kind in USAGES]
    variants.append(source_variant("androidSourcesElements", ANDROID_ATTRIBUTES, sources))
    return document(ANDROID, version, variants)


def document(name: str, version: str, variants: list[Json]) -> bytes:
    component = {"group": GROUP, "module": name, "version": version, "attributes": {"org.gradle.status": "release"}}
    whole = {"formatVersion": "1.1", "component": component, "variants": variants}
    return (json.dumps(whole, indent=2) + "\n").encode()


def library(name: str, attributes: Json, kind: str, file: File, dependencies: list[Dependency]) -> Json:
    scopes = ("compile",) if kind == "Api" else ("compile", "runtime")
    return {
        "name": name,
        "attributes": shared(kind) | attributes,
        "dependencies": [requirement(each) for each in dependencies if each.scope in scopes],
        "files": [entry(file)],
    }


def shared(kind: str) -> Json:
    return {
        "org.gradle.category": "library",
        "org.gradle.dependency.bundling": "external",
        "org.gradle.usage": USAGES[kind],
    }


def source_variant(name: str, attributes: Json, file: File) -> Json:
    documentation = {"org.gradle.category": "documentation", "org.gradle.docstype": "sources"}
    return {"name": name, "attributes": shared("Runtime") | attributes | documentation, "files": [entry(file)]}


def elsewhere(name: str, kind: str, version: str) -> Json:
    attributes = shared(kind) | ANDROID_ATTRIBUTES | {"org.gradle.libraryelements": "aar"}
    url = f"../../{ANDROID}/{version}/{ANDROID}-{version}.module"
    place = {"url": url, "group": GROUP, "module": ANDROID, "version": version}
    return {"name": name, "attributes": attributes, "available-at": place}


def requirement(each: Dependency) -> Json:
    found: Json = {"group": each.group, "module": each.name, "version": {"requires": each.version}}
    if each.type != "jar":
        # Whoever publishes it has no Gradle metadata: the file is named by its type, as in `jna@aar`.
        selector = {"name": each.name, "type": each.type, "extension": each.type}
        found["thirdPartyCompatibility"] = {"artifactSelector": selector}
    return found


def entry(file: File) -> Json:
    return {"name": file.name, "url": file.name, "size": len(file.content)} | file.digests()
