"""What goes wrong before an operation is reached, and errors as clients get them.

The protocol knows no codes: each product's table says under which one it tells what.
"""

from collections.abc import Callable

from chalicelib.apis.protocol.error_tables import ErrorTable, translated


class RestError(Exception):
    """A failure under its wire code: ``error_code`` and ``error_msg`` of the body.

    ``status`` is the HTTP status; None for the one that the operation has for its failures.
    ``message`` is shown to the client and must hold no secret.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


Errors = ErrorTable[RestError]


def fixed(code: str, message: str, status: int | None = None) -> Callable[[Exception], RestError]:
    """An entry of an error table that does not look at the exception."""
    return lambda _: RestError(code, message, status)


def lookup(error: Exception, *tables: Errors) -> RestError | None:
    """The wire error of an exception; None for one that nobody expects."""
    return error if isinstance(error, RestError) else translated(error, *tables)


class ProtocolError(Exception):
    """Base of the errors below; every product's table has all of them."""


class Unauthenticated(ProtocolError):
    """The request does not prove who sends it; the message says what is wrong with it."""


class MethodNotSupported(ProtocolError):
    """There is something at the path, but not for this method."""


class ContentTypeNotSupported(ProtocolError):
    """The body is not said to be JSON."""


class InvalidRequest(ProtocolError):
    """Parameters or body cannot be used; the message says which and why, without repeating them."""


class WrongProject(ProtocolError):
    """The path or a header names a project that is not the caller's."""


class TokenWithoutProject(ProtocolError):
    """The token is good, but for no project."""


def no_such_path() -> RestError:
    """There is no product, or nothing of it, at the path: the code of the vendor's gateway."""
    return RestError("APIG.0101", "The API does not exist.", 404)
