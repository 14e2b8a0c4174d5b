"""A Maven repository in a folder."""

from __future__ import annotations

import hashlib
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


@dataclass(frozen=True)
class File:
    name: str
    content: bytes

    def digests(self) -> dict[str, str]:
        return {each: hashlib.new(each, self.content).hexdigest() for each in ALGORITHMS}


def folder_of(root: Path, group: str, name: str) -> Path:
    return root.joinpath(*group.split("."), name)


def publish(root: Path, group: str, name: str, version: str, files: list[File]) -> None:
    """Puts a version's files in, with checksums, in the place of what is there of it."""
    folder = folder_of(root, group, name) / version
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        stale.unlink()
    for file in files:
        write(folder, file)
    list_versions(folder.parent, group, name)


def write(folder: Path, file: File) -> None:
    (folder / file.name).write_bytes(file.content)
    for algorithm, digest in file.digests().items():
        (folder / f"{file.name}.{algorithm}").write_text(digest)


def list_versions(folder: Path, group: str, name: str) -> None:
    """maven-metadata.xml, from which `latest` and ranges are resolved."""
    published = (each for each in folder.iterdir() if each.is_dir())
    versions = [each.name for each in sorted(published, key=lambda each: each.stat().st_mtime_ns)]
    root = ElementTree.Element("metadata")
    ElementTree.SubElement(root, "groupId").text = group
    ElementTree.SubElement(root, "artifactId").text = name
    versioning = ElementTree.SubElement(root, "versioning")
    for word in ("latest", "release"):
        ElementTree.SubElement(versioning, word).text = versions[-1]
    listed = ElementTree.SubElement(versioning, "versions")
    for version in versions:
        ElementTree.SubElement(listed, "version").text = version
    ElementTree.SubElement(versioning, "lastUpdated").text = time.strftime("%Y%m%d%H%M%S", time.gmtime())
    ElementTree.indent(root)
    write(folder, File("maven-metadata.xml", ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)))
