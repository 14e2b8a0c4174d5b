# shellcheck shell=bash
# The modules that a type check for an Apple triple finds: the standard library's interfaces, re-targeted, the
# stubs of Apple's frameworks, and our C module. Sourced by typecheck-apple. They are kept outside the clone, for each
# compiler.

: "${package:?}" "${stubs:?}"

# What a system's modules are called by, and the oldest version that the package supports.
declare -A triples=([watchos]=arm64-apple-watchos9.0 [ios]=arm64-apple-ios16.0 [macos]=arm64-apple-macosx13.0)
declare -A interface_names=([watchos]=arm64-apple-watchos [ios]=arm64-apple-ios [macos]=arm64-apple-macos)
readonly standard_modules=(Swift _Concurrency _StringProcessing SwiftOnoneSupport _RegexParser RegexBuilder
  Synchronization Observation)

# find_compiler: sets swift_frontend, swift_resources, swift_version, and interfaces, the folder that all is kept in.
find_compiler() {
  local swift
  if ! swift=$(command -v swift) || ! swift_resources=$(swift -print-target-info 2>/dev/null |
    sed -nE 's/.*"runtimeResourcePath" *: *"(.*)".*/\1/p') || [[ -z $swift_resources ]]; then
    printf 'typecheck-apple: no Swift on PATH: run tests/in-swift-root swift-package/typecheck-apple\n' >&2
    return 1
  fi
  # shellcheck disable=SC2034 # for check.sh
  swift_frontend=$(dirname "$(readlink -f "$swift")")/swift-frontend
  swift_version=$(swift --version 2>/dev/null | sed -nE 's/.*(Swift version .*)/\1/p')
  interfaces=${XDG_CACHE_HOME:-$HOME/.cache}/backhaul/apple-interfaces/$(tr -c '[:alnum:].\n' _ <<<"$swift_version")
}

# make_interfaces OS: quick when nothing has changed, since the compiler keeps what it made of an interface.
make_interfaces() {
  local os=$1 module
  for module in "${standard_modules[@]}"; do retarget "$os" "$module"; done
  for module in $(stub_modules "$os"); do write_stub "$os" "$module"; done
  keep_ffi "$os"
}

# keep_ffi OS: our C module. What the compiler makes of any interface counts as out of date when a module map that it
# came across is gone, as that of a clone may be.
keep_ffi() {
  local file
  for file in "$package"/Sources/BackhaulFFI/*; do
    keep "$interfaces/$1/ffi/$(basename "$file")" <"$file"
  done
}

# retarget OS MODULE: an interface of the standard library, as if it had been made for the system, and for checks
# alone: nothing is optimised, and the module Swift is compiled once, not also in the form that optimised modules import.
retarget() {
  local os=$1 module=$2 sources
  sources=("$swift_resources/linux/$module.swiftmodule/$(uname -m)"-*-linux-gnu.swiftinterface)
  # Two functions of Linux's C library that Apple's lacks; availability is Swift's own affair in the core module only.
  sed -E -e "s/-target [a-z0-9_-]+/-target ${triples[$os]}/" \
    -e 's/@backDeployed\([^)]*\)//g' \
    -e 's/self = _stdlib_(remainderl|squareRootl)\([^)]*\)/Builtin.unreachable()/' \
    -e 's/ -O / -Onone /' -e 's/ -enable-ossa-modules / /' \
    -e "$([[ $module == Swift ]] || printf '%s' 's/(swift-module-flags: )/\1-disable-availability-checking /')" \
    "${sources[0]}" | keep "$(interface_path "$os" sdk/usr/lib/swift "$module")"
}

# stub_modules OS: a folder with a module's stub is for the systems in its file `systems`, or for all.
stub_modules() {
  local os=$1 folder
  for folder in "$stubs"/*/; do
    folder=$(basename "$folder")
    [[ $folder == lib ]] && continue
    [[ ! -e $stubs/$folder/systems ]] || grep -qw "$os" "$stubs/$folder/systems" || continue
    printf '%s\n' "$folder"
  done
}

# write_stub OS MODULE: its files, one after the other, under the header that the compiler wants.
write_stub() {
  local os=$1 module=$2
  {
    printf '// swift-interface-format-version: 1.0\n// swift-compiler-version: %s\n' "$swift_version"
    printf '// swift-module-flags: -target %s -module-name %s -swift-version 6 -disable-objc-interop\n' \
      "${triples[$os]}" "$module"
    cat "$stubs/$module"/*.swiftinterface
  } | keep "$(interface_path "$os" stubs "$module")"
}

interface_path() { printf '%s/%s/%s/%s.swiftmodule/%s.swiftinterface' "$interfaces" "$1" "$2" "$3" "${interface_names[$1]}"; }

# keep FILE: writes what comes in, unless the file holds just that: its date tells the compiler of a change.
keep() {
  local file=$1 new
  mkdir -p "$(dirname "$file")"
  new=$(mktemp "$file.XXXXXX")
  cat >"$new"
  if cmp -s "$new" "$file"; then rm "$new"; else mv "$new" "$file"; fi
}
