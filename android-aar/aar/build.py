"""What the Maven build says: coordinates, versions, dependencies, and where its modules lie."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

GROUP = "dev.backhaul"
JVM = "backhaul"
ANDROID = "backhaul-android"
PARENT = "backhaul-parent"

# What is compiled into each artefact. The AAR has all classes: depending on the JVM jar would bring the libraries
# of desktops into apps.
JVM_MODULES = ("ffi", "common")
ANDROID_MODULES = (*JVM_MODULES, "android")

LIBRARY = "backhaul_ffi"
ANDROID_PACKAGE = "dev.backhaul.android"
# Android's names, and ELF's numbers of class and machine.
ABIS = {"arm64-v8a": (64, 183), "armeabi-v7a": (32, 40), "x86_64": (64, 62)}
# An app is compiled against this or newer: the manifest names what came with it.
MIN_COMPILE_SDK = 34
MIN_SDK = 26
PAGE_BYTES = 16384

POM = "{http://maven.apache.org/POM/4.0.0}"


@dataclass(frozen=True)
class Dependency:
    group: str
    name: str
    version: str
    # `compile` where its types are in our API.
    scope: str
    # `aar` for what has a library for Android in it.
    type: str = "jar"


# In no signature of ours; and on Android its own library is in an AAR.
JNA = "jna"


class Build:
    """Read from the pom.xml files of a checkout's android-aar folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        parent = ElementTree.parse(folder / "pom.xml").getroot()
        self.version = parent.findtext(f"{POM}version", "")
        self._versions = {each.tag.removeprefix(POM): each.text for each in parent.find(f"{POM}properties")}
        self.java = int(self._versions["app.java"])

    def dependencies(self, modules: tuple[str, ...], on_android: bool) -> list[Dependency]:
        """Of the modules together, on others: sorted by name."""
        found = {}
        for module in modules:
            pom = ElementTree.parse(self.folder / module / "pom.xml").getroot()
            for each in pom.findall(f"{POM}dependencies/{POM}dependency"):
                group, name = each.findtext(f"{POM}groupId", ""), each.findtext(f"{POM}artifactId", "")
                if each.find(f"{POM}scope") is None and group != GROUP:
                    found[name] = self._dependency(group, name, on_android)
        return [found[name] for name in sorted(found)]

    def _dependency(self, group: str, name: str, on_android: bool) -> Dependency:
        # The last word of the group names the property: org.jetbrains.kotlin, …, net.java.dev.jna.
        family = "coroutines" if "coroutines" in name else group.rsplit(".", 1)[-1]
        version = self._versions[f"{family}.version"] or ""
        if name == JNA:
            return Dependency(group, name, version, "runtime", "aar" if on_android else "jar")
        return Dependency(group, name, version, "compile")

    def classes(self, module: str) -> Path:
        return self.folder / module / "target" / "classes"

    def sources(self, module: str) -> Path:
        return self.folder / module / "src" / "main" / "kotlin"

    @property
    def generated(self) -> Path:
        return self.sources("ffi") / "dev" / "backhaul" / "ffi" / "backhaul_ffi.kt"

    @property
    def manifest(self) -> Path:
        return self.folder / "android" / "src" / "main" / "AndroidManifest.xml"

    @property
    def rules(self) -> Path:
        return self.folder / "android" / "consumer-rules.pro"
