"""What can go wrong with the embedded stack in ways that a person can mend."""


class StackError(Exception):
    """The stack cannot start or go on; the message says what to do.

    ``exit_code`` is what the command ends with.
    """

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Interrupted(Exception):
    """Somebody asked the stack to stop while it was starting."""
