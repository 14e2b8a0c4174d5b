"""The AAR, file by file."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import check_classes
import check_native
from archive import CONTENTS, METADATA, Entries, contents, metadata, unpack
from build import ABIS, ANDROID_PACKAGE, LIBRARY, MIN_SDK, Build

NAME = "{http://schemas.android.com/apk/res/android}"
FIXED = {"AndroidManifest.xml", "R.txt", "classes.jar", "proguard.txt", METADATA, CONTENTS}
COMPONENTS = ("service", "provider", "receiver", "activity")
# What an app that R8 has shrunk does not run without; the rest of the rules is for size.
RULES = (
    "-keep class com.sun.jna.** { *; }",
    "-keep class * extends com.sun.jna.** { *; }",
    "-keep class dev.backhaul.ffi.** { *; }",
    "-keep,allowoptimization class * implements dev.backhaul.SessionMaker { <init>(); <init>(android.content.Context); }",
)
ATTRIBUTES = {"RuntimeVisibleAnnotations", "AnnotationDefault", "InnerClasses", "EnclosingMethod", "Signature"}


def library_of(abi: str) -> str:
    return f"jni/{abi}/lib{LIBRARY}.so"


def abis(entries: Entries) -> list[str]:
    return [abi for abi in ABIS if library_of(abi) in entries]


def check(entries: Entries, sources: Entries, build: Build, functions: set[str]) -> Iterator[str]:
    there = abis(entries)
    wanted = FIXED | {library_of(abi) for abi in there}
    if set(entries) != wanted:
        yield f"the AAR lacks {sorted(wanted - set(entries))}, and has {sorted(set(entries) - wanted)} for nothing"
        if not set(entries) >= FIXED:
            return
    yield from check_manifest(entries["AndroidManifest.xml"], unpack(entries["classes.jar"]))
    yield from check_rules(entries["proguard.txt"].decode())
    yield from check_classes.check(unpack(entries["classes.jar"]), sources, build.java, set())
    if entries["R.txt"]:
        yield "R.txt names resources, and the AAR has none"
    if entries[METADATA] != metadata():
        yield f"{METADATA} is not what the assembler writes"
    if there and len(there) < len(ABIS):
        yield f"the AAR has libraries for {there} only"
    if entries[CONTENTS] != contents(build.version, there):
        yield f"{CONTENTS} does not say what is there"
    for abi in there:
        yield from check_native.check_abi(abi, entries[library_of(abi)], functions)


def check_manifest(content: bytes, classes: Entries) -> Iterator[str]:
    """Package and lowest system; each component is a class that is there, and open to the system alone."""
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        yield f"AndroidManifest.xml cannot be read: {error}"
        return
    if root.get("package") != ANDROID_PACKAGE:
        yield f"AndroidManifest.xml: its package is {root.get('package')}"
    sdk = root.find("uses-sdk")
    if sdk is None or sdk.get(f"{NAME}minSdkVersion") != str(MIN_SDK):
        yield f"AndroidManifest.xml: its minSdkVersion is not {MIN_SDK}"
    for component in root.iterfind("application/*"):
        if component.tag in COMPONENTS:
            yield from check_component(component, classes)


def check_component(component: ElementTree.Element, classes: Entries) -> Iterator[str]:
    name = component.get(f"{NAME}name", "")
    name = ANDROID_PACKAGE + name if name.startswith(".") else name
    if name.replace(".", "/") + ".class" not in classes:
        yield f"AndroidManifest.xml: there is no class {name}"
    if component.get(f"{NAME}exported") == "true" and not component.get(f"{NAME}permission"):
        yield f"AndroidManifest.xml: {name} is open to every app"
    # Two apps with one authority cannot be installed side by side.
    authorities = component.get(f"{NAME}authorities", "${applicationId}")
    if not all(each.startswith("${applicationId}") for each in authorities.split(";")):
        yield f"AndroidManifest.xml: {name} has an authority that is not the app's own"


def check_rules(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.splitlines()]
    for rule in RULES:
        if rule not in lines:
            yield f"proguard.txt lacks {rule}"
    kept = {word for line in lines if line.startswith("-keepattributes") for word in re.findall(r"\w+", line)[1:]}
    if not kept >= ATTRIBUTES:
        yield f"proguard.txt does not keep {', '.join(sorted(ATTRIBUTES - kept))}"
    # They would be the whole app's.
    if any(line.startswith(("-dontobfuscate", "-dontoptimize", "-dontshrink", "-ignorewarnings")) for line in lines):
        yield "proguard.txt switches something off for the whole app"
