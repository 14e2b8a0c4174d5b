"""The POM of an artefact, as Maven and older Gradles read it."""

from __future__ import annotations

from xml.sax.saxutils import escape

from build import GROUP, Dependency

# Gradle looks for a .module file beside a POM that has this line.
GRADLE_MARK = "do_not_remove: published-with-gradle-metadata"

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 https://maven.apache.org/xsd/maven-4.0.0.xsd">
"""
LICENSES = (
    ("MIT", "https://opensource.org/license/mit"),
    ("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0.txt"),
)


def pom(name: str, version: str, packaging: str, title: str, description: str, dependencies: list[Dependency]) -> bytes:
    lines = [
        f"  <!-- {GRADLE_MARK} -->",
        "  <modelVersion>4.0.0</modelVersion>",
        f"  <groupId>{GROUP}</groupId>",
        f"  <artifactId>{name}</artifactId>",
        f"  <version>{version}</version>",
        f"  <packaging>{packaging}</packaging>",
        f"  <name>{escape(title)}</name>",
        f"  <description>{escape(description)}</description>",
        "  <licenses>",
        *(f"    <license><name>{key}</name><url>{url}</url></license>" for key, url in LICENSES),
        "  </licenses>",
        "  <dependencies>",
        *(line for each in dependencies for line in dependency(each)),
        "  </dependencies>",
    ]
    return (HEAD + "\n".join(lines) + "\n</project>\n").encode()


def dependency(each: Dependency) -> list[str]:
    kind = [f"      <type>{each.type}</type>"] if each.type != "jar" else []
    return [
        "    <dependency>",
        f"      <groupId>{each.group}</groupId>",
        f"      <artifactId>{each.name}</artifactId>",
        f"      <version>{each.version}</version>",
        *kind,
        f"      <scope>{each.scope}</scope>",
        "    </dependency>",
    ]
