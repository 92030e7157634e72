# Tools that build and check the packages, in fixed versions under target/. Sourced by build and check.

tools=$PWD/target/packaging-tools
venv=$PWD/target/packaging-venv
export PATH=$tools/bin:$venv/bin:$PATH

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

# folders all|quick: what build makes, and where. The cheap form does not touch a release in dist/.
folders() {
  what=$1
  case $what in
    all) dist=$PWD/dist made=$PWD/target/packaging ;;
    quick) dist=$PWD/target/packaging-quick/dist made=$PWD/target/packaging-quick ;;
    *) die "usage: $0 [quick]" ;;
  esac
}

say() { printf 'packaging: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# cargo_tools NAME@VERSION...: without debug information and little optimized, so that installing takes less time than it saves.
cargo_tools() {
  local one missing=()
  for one in "$@"; do [[ -e $tools/$one ]] || missing+=("$one"); done
  ((${#missing[@]} > 0)) || return 0
  say "installing ${missing[*]}"
  CARGO_PROFILE_DEV_DEBUG=false CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_INCREMENTAL=0 \
    cargo install --quiet --locked --debug --root "$tools" --target-dir "$tools/target" "${missing[@]}" || die "can't install ${missing[*]}"
  rm -rf "$tools/target"
  for one in "${missing[@]}"; do touch "$tools/$one"; done
}

# python_tools NAME==VERSION...
python_tools() {
  local one missing=()
  for one in "$@"; do [[ -e $venv/$one ]] || missing+=("$one"); done
  ((${#missing[@]} > 0)) || return 0
  say "installing ${missing[*]}"
  [[ -x $venv/bin/python ]] || "${PYTHON:-python3}" -m venv "$venv" || die "can't make a virtual environment"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "${missing[@]}" || die "can't install ${missing[*]}"
  for one in "${missing[@]}"; do touch "$venv/$one"; done
}

# debian_tools COMMAND:PACKAGE...
debian_tools() {
  local pair missing=()
  for pair in "$@"; do command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}"); done
  ((${#missing[@]} > 0)) || return 0
  [[ $(id -u) == 0 ]] || die "install these first: ${missing[*]}"
  say "installing ${missing[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >/dev/null || die "can't install ${missing[*]}"
}
