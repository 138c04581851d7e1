"""`python -m duplex_frontend.engine`: the engine's own commands, in the engine's environment.

`souffleur engine` runs them from the other environment. argparse, because that one has no typer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from duplex_frontend.errors import FrontendError

TOKEN_VARIABLE = "ENGINE_TOKEN"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted."""
    wanted = _parser().parse_args(arguments)
    os.environ.setdefault("NO_TORCH_COMPILE", "1")  # moshi reads it when it is imported
    try:
        return _serve(wanted) if wanted.command == "serve" else _fixture(wanted)
    except FrontendError as error:
        print(f"souffleur engine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="souffleur engine", description="Many duplex calls on one GPU.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="hold calls for orchestrators")
    serve.add_argument("--checkpoint", required=True, help="a folder, or a hub id")
    place = serve.add_mutually_exclusive_group(required=True)
    place.add_argument("--socket", type=Path, help="listen on this unix socket")
    place.add_argument("--listen", metavar="HOST:PORT", help="listen on TCP; needs a token")
    serve.add_argument("--token-env", default=TOKEN_VARIABLE, help="the variable that holds the token")
    serve.add_argument("--rows", type=_count, help="calls at once; what the GPU carries, 4 on a CPU")
    serve.add_argument("--window", type=int, help="frames of attention; the model's own by default")
    serve.add_argument("--history", type=int, default=750, help="frames kept when a prompt changes")
    serve.add_argument("--voices", type=Path, help="a folder, or NVIDIA's voices.tgz")
    serve.add_argument("--stt", default="", help="a recogniser: a folder, or a hub id")
    serve.add_argument(
        "--kv",
        choices=("whole", "by-row", "int8"),
        default="whole",
        help="how keys and values are kept",
    )
    serve.add_argument(
        "--weights", choices=("whole", "int8"), default="whole", help="of the temporal transformer"
    )
    serve.add_argument("--device", default="", help="as torch names it; a GPU where there is one")
    serve.add_argument("--grace", type=float, default=10.0, help="seconds that a lost client's calls stay")
    serve.add_argument("--threads", type=int, default=0, help="of torch on a CPU")
    fixture = commands.add_parser("fixture", help="write a tiny checkpoint with random weights")
    fixture.add_argument("folder", type=Path)
    fixture.add_argument("--family", choices=("personaplex", "moshi"), default="personaplex")
    fixture.add_argument("--seed", type=int, default=0)
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to 1024")
    return int(text)


def _token(name: str) -> str:
    """What the variable holds, or the file that `NAME_FILE` names: containers get their secrets as files.

    Raises:
        FrontendError: the file cannot be read.
    """
    path = os.environ.get(f"{name}_FILE", "")
    if not path or os.environ.get(name):
        return os.environ.get(name, "")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as refused:
        raise FrontendError(f"{name}_FILE: {path} cannot be read ({type(refused).__name__})") from None


def _serve(wanted: argparse.Namespace) -> int:
    import torch

    from duplex_frontend.engine.loading import Loading
    from duplex_frontend.engine.ring import Kind
    from duplex_frontend.engine.serving import Place, serve

    if wanted.threads:
        torch.set_num_threads(wanted.threads)
    loading = Loading(
        checkpoint=wanted.checkpoint,
        device=wanted.device,
        rows=wanted.rows,
        window=wanted.window,
        history=wanted.history,
        voices=wanted.voices,
        stt=wanted.stt,
        kv=Kind(wanted.kv),
        small_weights=wanted.weights == "int8",
    )
    place = Place.of(wanted.socket, wanted.listen, _token(wanted.token_env), wanted.token_env)
    return asyncio.run(serve(loading, place, grace_s=wanted.grace))


def _fixture(wanted: argparse.Namespace) -> int:
    from duplex_frontend.engine.checkpoint import Family
    from duplex_frontend.engine.fixture import write_fixture, write_recogniser

    write_fixture(wanted.folder, seed=wanted.seed, family=Family(wanted.family))
    write_recogniser(wanted.folder / "stt", seed=wanted.seed)
    print(
        f"{wanted.folder}: a tiny {wanted.family} with random weights, and a recogniser in stt/. Try it:\n"
        f"  souffleur engine serve --checkpoint {wanted.folder} --stt {wanted.folder / 'stt'} --socket /tmp/engine.sock"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
