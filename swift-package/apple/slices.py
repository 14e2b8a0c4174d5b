"""What Backhaul.xcframework is made of: one slice for each platform, one Rust target for each architecture."""

from __future__ import annotations

from dataclasses import dataclass

FRAMEWORK = "Backhaul.xcframework"
LIBRARY = "libbackhaul_ffi.a"
HEADER = "backhaul_ffiFFI.h"
# The clang module that the generated Swift imports. The folder of its module map must have its name: clang
# looks there, and frameworks that lie side by side do not overwrite each other's module.modulemap.
MODULE = "BackhaulFFI"


@dataclass(frozen=True)
class Slice:
    """A folder of the framework. Names are those of Xcode's Info.plist."""

    platform: str
    simulator: bool
    # Architecture to Rust target.
    targets: dict[str, str]

    @property
    def identifier(self) -> str:
        variant = "-simulator" if self.simulator else ""
        return f"{self.platform}-{'_'.join(self.targets)}{variant}"

    @property
    def linker_platform(self) -> str:
        """As `ld -platform_version` and the load commands call it."""
        return f"{self.platform}{'-simulator' if self.simulator else ''}"


SLICES = [
    Slice("ios", False, {"arm64": "aarch64-apple-ios"}),
    Slice("ios", True, {"arm64": "aarch64-apple-ios-sim"}),
    Slice("watchos", False, {"arm64": "aarch64-apple-watchos", "arm64_32": "arm64_32-apple-watchos"}),
    Slice("watchos", True, {"arm64": "aarch64-apple-watchos-sim"}),
    Slice("macos", False, {"arm64": "aarch64-apple-darwin"}),
]


if __name__ == "__main__":
    for each in SLICES:
        print("\n".join(each.targets.values()))
