# shellcheck shell=bash
# shellcheck disable=SC2154 # triples, interfaces and the compiler's parts are in interfaces.sh
# The checks themselves. Sourced by typecheck-apple and its self-test, after interfaces.sh.

: "${package:?}" "${stubs:?}"

failures=0
# What a check is for, unless it is the oldest version of its system that the package supports.
triple=
# What one check makes importable for the next.
modules=$(mktemp -d)
trap 'rm -r "$modules"' EXIT

# check OS MODULE MODE FOLDER [ARGUMENT...]: checks the Swift files below FOLDER as one module, and makes it importable by
# the checks after it. One line; the compiler's own words if it fails. Warnings are errors, but in what is generated
# (mode 5). More arguments are the compiler's.
check() {
  local os=$1 module=$2 mode=$3 folder=$4 warnings=-warnings-as-errors output sources
  shift 4
  mapfile -t sources < <(find "$folder" -name '*.swift' 2>/dev/null | sort)
  if [[ ${#sources[@]} -eq 0 ]]; then
    report "$os" "$module" "FAILED: no sources in ${folder#"$package/"}"
    return 1
  fi
  [[ $mode == 5 ]] && warnings=-suppress-warnings
  if output=$(compile "$os" "$module" "$mode" "$warnings" -emit-module-path "$modules/$os/$module.swiftmodule" "$@" \
    "${sources[@]}" 2>&1); then
    report "$os" "$module" ok "(${#sources[@]} files, ${triple:-${triples[$os]}}, Swift $mode mode${*:+, $*})"
  else
    report "$os" "$module" FAILED
    printf '%s\n' "$output"
    hint "$output"
    return 1
  fi
}

# compile OS MODULE MODE ARGUMENT...: as far as the compiler's last diagnosis. Types alone would not do: that nothing
# races, that everything is initialised and returned is found out after them.
compile() {
  local os=$1 module=$2 mode=$3 folder=$interfaces/$1
  shift 3
  mkdir -p "$modules/$os"
  "$swift_frontend" -frontend -emit-sil -o /dev/null -target "${triple:-${triples[$os]}}" -disable-objc-interop \
    -sdk "$folder/sdk" -module-cache-path "$folder/cache" -I "$modules/$os" -I "$folder/stubs" \
    -I "$folder/ffi" -plugin-path "$swift_resources/host/plugins" -swift-version "$mode" \
    -package-name backhaul -parse-as-library -module-name "$module" "$@"
}

# report OS MODULE RESULT [REMARK]
report() {
  printf '%-8s %-18s %s\n' "$1" "$2" "${*:3}"
  [[ $3 == ok ]] || failures=$((failures + 1))
}

# hint OUTPUT: what to do about an API that no stub declares.
hint() {
  grep -qE "cannot find (type )?'|has no member|no such module|failed to build module" <<<"$1" || return 0
  printf 'Hint: an API of Apple that the stubs lack is to be added to swift-package/AppleStubs, as documented.\n'
}

# end_checks: whether all were well.
end_checks() {
  ((failures == 0)) || { printf 'FAILED: %d of the checks\n' "$failures" && return 1; }
}
