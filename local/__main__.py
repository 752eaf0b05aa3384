"""``python -m local up``: the whole platform on one machine."""

import argparse
import sys
from pathlib import Path

from local.errors import StackError
from local.layout import DEFAULT_DATA, DEFAULT_PORT, Layout


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
    operate = commands.add_parser("events", help="deliveries, replays, subscribers, endpoints")
    people = commands.add_parser("users", help="users with access keys, and roles")
    domains = commands.add_parser("play-domains", help="names, keys and limits of playback")
    # Imported for these commands alone: they load the application, which the others fork first.
    if arguments[:1] == ["play-domains"]:
        from local import play_domains_cli

        play_domains_cli.describe(domains)
    if arguments[:1] == ["events"]:
        from local import events_cli

        events_cli.describe(operate)
    if arguments[:1] == ["users"]:
        from local import users_cli

        users_cli.describe(people)
    options = parser.parse_args(arguments)
    try:
        if options.command == "events":
            return events_cli.run(options)
        if options.command == "users":
            return users_cli.run(options)
        if options.command == "play-domains":
            return play_domains_cli.run(options)
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
    if not 1 <= port <= 65_533:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65533")
    return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
