"""Builds the libraries of the functions' package: ``python -m layers.functions.build FOLDER``.

Chalice packs a folder named ``vendor`` beside the application as it is. With the libraries put
there, pinned by hash and without what never runs on Lambda, the package stays under 15 MB. boto3
is left out because Lambda's Python brings it: the store calls only what has been in it for years
(the youngest is DSQL's token, of December 2024).
"""

import shutil
import sys
from pathlib import Path, PurePosixPath

from layers import limits, wheels
from layers.limits import BuildError

_HERE = Path(__file__).parent
_NEVER_LOADED = frozenset({".pyi", ".pxd", ".typed", ".h"})
# Whole branches that no module of chalicelib imports.
_UNUSED = tuple(
    PurePosixPath(text)
    for text in (
        "aws_lambda_powertools/event_handler",
        "aws_lambda_powertools/utilities",
        "aws_lambda_powertools/metrics/provider/datadog",
        "pydantic/v1",
        "pydantic/mypy.py",
    )
)
# The logger imports this much of the utilities.
_NEEDED_OF_UNUSED = (
    PurePosixPath("aws_lambda_powertools/utilities/__init__.py"),
    PurePosixPath("aws_lambda_powertools/utilities/jmespath_utils"),
)


def build(folder: Path, python: str) -> int:
    """Fill a folder with the libraries for a Python ("3.13"); returns its size in bytes.

    What lay in it is replaced. Raises BuildError.
    """
    files = wheels.fetch(_HERE / "requirements.txt", python)
    shutil.rmtree(folder, ignore_errors=True)
    wheels.unpack(files, folder, _is_loaded)
    return limits.size_of(folder)


def _is_loaded(path: PurePosixPath) -> bool:
    if path.parts[0].endswith(".dist-info"):
        return wheels.is_kept_metadata(path)
    if path.suffix in _NEVER_LOADED or "tests" in path.parts or "sboms" in path.parts:
        return False
    if any(path.is_relative_to(part) for part in _NEEDED_OF_UNUSED):
        return True
    return not any(path.is_relative_to(part) for part in _UNUSED)


def main(arguments: list[str]) -> int:
    """Build into the folder that the one argument names; returns the exit code."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        size = build(Path(arguments[0]), python)
    except BuildError as error:
        print(f"functions: {error}", file=sys.stderr)
        return 1
    print(f"{arguments[0]}: {size / limits.MEGABYTE:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
