"""``python -m deploy up STAGE``, ``python -m deploy down STAGE``, ``python -m deploy local``."""

import argparse
import sys

from deploy.errors import DeployError


def main(arguments: list[str]) -> int:
    """Run a command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("up", "deploy a stage"), ("down", "remove a stage")):
        commands.add_parser(name, help=text).add_argument("stage")
    commands.add_parser("local", help="deploy into the emulator, use it, remove it")
    options = parser.parse_args(arguments)
    try:
        _run(options)
    except DeployError as error:
        print(f"openvod: {error}", file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> None:
    # Imported here: a wrong stage's name is told at once.
    from deploy.stages import stage_named

    if options.command == "local":
        from deploy.rehearsal import rehearse

        rehearse()
    elif options.command == "up":
        stage = stage_named(options.stage)
        from deploy.steps import up

        up(stage)
    else:
        stage = stage_named(options.stage)
        from deploy.destroy import down

        down(stage)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
