"""Numbers as ids, for the APIs whose clients want integers."""

import secrets
import time


def new_number() -> int:
    """A number of 16 digits: the time in milliseconds, then three random digits.

    Below 2^53, so that every JSON reader keeps it whole, and later ones are larger. Two that are
    made in one millisecond may be equal: whoever stores one tries again with another then.
    """
    return time.time_ns() // 1_000_000 * 1000 + secrets.randbelow(1000)
