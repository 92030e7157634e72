# The tools that build and check the packages, in fixed versions under target/. Sourced by build and check.

tools=$PWD/target/packaging-tools
venv=$PWD/target/packaging-venv
export PATH=$tools/bin:$venv/bin:$PATH

say() { printf 'packaging: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# cargo_tool NAME VERSION
cargo_tool() {
  [[ -e $tools/$1-$2 ]] && return
  say "installing $1 $2"
  cargo install --quiet --locked --root "$tools" --target-dir "$tools/target" "$1@$2" || die "can't install $1"
  touch "$tools/$1-$2"
}

# python_tools NAME==VERSION...
python_tools() {
  [[ -x $venv/bin/python ]] || "${PYTHON:-python3}" -m venv "$venv" || die "can't make a virtual environment"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" || die "can't install $*"
}

# debian_tools COMMAND:PACKAGE...
debian_tools() {
  local pair missing=()
  for pair in "$@"; do command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}"); done
  ((${#missing[@]} == 0)) && return
  [[ $(id -u) == 0 ]] || die "install these first: ${missing[*]}"
  say "installing ${missing[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >/dev/null || die "can't install ${missing[*]}"
}
