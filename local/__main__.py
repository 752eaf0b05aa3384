"""``python -m local up``: the whole platform on one machine."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from local.errors import StackError
from local.layout import DEFAULT_DATA, DEFAULT_PORT, Layout

# Operators' commands: the module that describes and runs each, and what it is for. A module is
# imported for its command alone: it loads the application, which the stack forks first.
_OPERATING = {
    "events": ("local.events_cli", "deliveries, replays, subscribers, endpoints"),
    "play-domains": ("local.play_domains_cli", "names, keys and limits of playback"),
    "workflows": ("local.workflows_cli", "what uploads and requests may be sent through"),
    "users": ("local.users_cli", "users with access keys, and roles"),
}


def main(arguments: list[str]) -> int:
    """Run a command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start the embedded stack and keep it running")
    up.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="the API's; S3 and the edge have the next"
    )
    up.add_argument("--data", type=Path, default=DEFAULT_DATA, help="where everything is kept")
    commands.add_parser("demo", help="upload, transcode and play a clip on a stack of its own")
    operating = None
    for name, (module, text) in _OPERATING.items():
        command = commands.add_parser(name, help=text)
        if arguments[:1] == [name]:
            operating = import_module(module)
            operating.describe(command)
    options = parser.parse_args(arguments)
    try:
        if operating is not None:
            return int(operating.run(options))
        if options.command == "demo":
            from local.demo import demo

            return demo()
        from local.stack import Stack

        return Stack(Layout(options.data.resolve(), options.port)).run()
    except StackError as error:
        print(f"openvod: {error}", file=sys.stderr)
        return error.exit_code


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65_534:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65534")
    return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
