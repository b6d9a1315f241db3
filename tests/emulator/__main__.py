"""`python -m emulator` from `tests/`, or `python tests/emulator` from anywhere."""

import argparse
import os
import pathlib
import sys
import threading

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from emulator.server import serve  # noqa: E402  (the line above makes the package importable)


def exit_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="emulator", description="Serves an emulated AWS organization on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0, the default, takes a free one")
    parser.add_argument("--world", type=pathlib.Path, help="world to begin with, a JSON file; an empty one by default")
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end with whoever holds the other end of standard input, so that a killed test leaves nothing behind",
    )
    arguments = parser.parse_args()
    if arguments.until_stdin_closes:
        threading.Thread(target=exit_with_stdin, daemon=True).start()
    serve(arguments.port, arguments.world)


if __name__ == "__main__":
    main()
