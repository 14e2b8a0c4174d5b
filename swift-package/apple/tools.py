"""LLVM's tools, or Apple's of the same name and output."""

from __future__ import annotations

import functools
import shutil
import subprocess

# Where Debian's Swift keeps its linker.
SWIFT_TOOLS = "/usr/libexec/swift/bin"


# Debian has some of LLVM's under versioned names only; the newest serves.
VERSIONS = range(30, 13, -1)


@functools.cache
def find(*names: str) -> str:
    """The first that is on PATH or beside Swift, else what Xcode has."""
    for name in (*names, *(f"{name}-{version}" for name in names for version in VERSIONS)):
        found = shutil.which(name) or shutil.which(name, path=SWIFT_TOOLS)
        if found:
            return found
    if shutil.which("xcrun"):
        return subprocess.check_output(["xcrun", "--find", names[-1]], text=True).strip()
    raise SystemExit(f"check-apple: no {' or '.join(names)} here; Debian's packages are llvm and lld")


def run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words[:3])}… failed: {done.stderr.strip()[-1000:]}")
    return done.stdout
