"""Parameters of which nothing can be made, as failures."""

from pydantic import ValidationError

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.protocol.huawei_rest.errors import RestError


def unusable(message: str, code: str = "MPC.10202") -> RestError:
    """The failure of an operation whose parameters contradict each other.

    ``code`` is the manual's where it has one for the case, else that of an invalid parameter.
    """
    return failure(code, message)


def problem(error: ValidationError) -> str:
    """The first thing that is wrong, with its place."""
    detail = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(part) for part in detail["loc"])
    text = detail["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{path}: {text}" if path else text
