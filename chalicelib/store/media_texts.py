"""The texts that searches look into: an index by which "contains" is a range of a key.

For each character of a text the table ``media_text`` holds what begins there (an ending, cut to
LENGTH characters). A text contains a word exactly when one of its endings begins with the word,
and all those endings lie side by side in the primary key. Letters of ASCII are kept in lower case.
"""

from typing import TYPE_CHECKING

from chalicelib.store.database import Transaction, change

if TYPE_CHECKING:
    from chalicelib.store.media import Media

# Longer words are looked up by their first characters, and compared with the text itself.
LENGTH = 12

# Fields and the distance between the characters whose endings are kept. Of descriptions every
# second one is, or one update of a media could touch more than the 3,000 rows that Aurora DSQL
# takes in a transaction; what begins between two of them is found by the character before.
STEPS = {"title": 1, "tags": 1, "file_name": 1, "description": 2}

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

# The ending, the character before it where a step leaves that out, and how many characters of the
# ending stand further to the front of the text, too.
Ending = tuple[str, str, int]


def folded(text: str) -> str:
    """The text as it is compared: as the database's lower() makes it under the C collation."""
    return text.translate(_LOWER)


def endings(text: str, step: int) -> set[Ending]:
    """What is kept of a text.

    An ending with nothing new to it is left out. A word is counted once for each text by the ending
    of which less than the word is ``repeated``; with steps that is not known, and left at 0.
    """
    plain = folded(text)
    if step > 1:
        return {
            (plain[start : start + LENGTH], plain[start - 1 : start], 0)
            for start in range(0, len(plain), step)
        }
    found: set[Ending] = set()
    beginnings: set[str] = set()
    for start in range(len(plain)):
        ending = plain[start : start + LENGTH]
        prefixes = [ending[:length] for length in range(1, len(ending) + 1)]
        repeated = sum(prefix in beginnings for prefix in prefixes)
        if repeated < len(ending):
            found.add((ending, "", repeated))
        beginnings.update(prefixes)
    return found


def put(tx: Transaction, before: "Media | None", after: "Media | None") -> int:
    """Follow a change of a media; ``before`` is None for a new one, ``after`` for a deleted one.

    Returns how many rows it wrote.
    """
    moved = before and after and before.app_id != after.app_id
    written = 0
    for field, step in STEPS.items():
        old = endings(_text(before, field), step) if before else set()
        new = endings(_text(after, field), step) if after else set()
        written += _change(tx, _DELETE, before, field, old if moved else old - new)
        written += _change(tx, _INSERT, after, field, new if moved else new - old)
    return written


def _text(media: "Media", field: str) -> str:
    # File names are searched for images and auxiliary media alone (VOD API manual 17.6).
    if field == "file_name" and media.media_type.value in ("video", "audio"):
        return ""
    text: str = getattr(media, field)
    return text


_INSERT = """
    INSERT INTO media_text (account_id, media_type, field, ending, media_id, app_id, before,
                            repeated)
    SELECT %(account_id)s, %(media_type)s, %(field)s, unnest(%(endings)s::text[]), %(media_id)s,
           %(app_id)s, unnest(%(befores)s::text[]), unnest(%(repeats)s::bigint[])
"""
_DELETE = """
    DELETE FROM media_text
     WHERE account_id = %(account_id)s AND media_type = %(media_type)s AND field = %(field)s
       AND media_id = %(media_id)s AND app_id = %(app_id)s AND ending = ANY(%(endings)s)
       AND (ending, before, repeated) IN
           (SELECT unnest(%(endings)s::text[]), unnest(%(befores)s::text[]),
                   unnest(%(repeats)s::bigint[]))
"""


def _change(
    tx: Transaction, statement: str, media: "Media | None", field: str, rows: set[Ending]
) -> int:
    if media is None or not rows:
        return 0
    return change(
        tx,
        statement,
        account_id=media.account_id,
        media_type=media.media_type.value,
        field=field,
        media_id=media.media_id,
        app_id=media.app_id,
        endings=[ending for ending, _, _ in rows],
        befores=[before for _, before, _ in rows],
        repeats=[repeated for _, _, repeated in rows],
    )
