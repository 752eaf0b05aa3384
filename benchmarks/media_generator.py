"""Makes a library of any size in a database, as the store would have written it, by COPY."""

import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg

from chalicelib.store import media_texts
from chalicelib.store.media import Media, MediaStatus, MediaType

APP = "app-1000000"
CATEGORIES = tuple(range(1_000_000_001, 1_000_000_021))
_TOPICS = (
    "morning evening river mountain city music concert lesson kitchen garden football journey "
    "interview history science ocean winter summer animal railway castle market dance guitar "
    "painting robot planet forest island bridge 音乐 教程 旅行 美食 足球 电影 新闻 城市 历史 海洋"
)
_WORDS = _TOPICS.split()

# A word that stands in the titles and descriptions of so many media of a library, whatever its
# size. The others stand in a share of them.
PLANTED = {"nebula": 20, "comet": 200}
_DAYS = 3 * 365


def fill(connection: psycopg.Connection, account_id: str, count: int) -> None:
    """Write ``count`` videos of one account with what searches and totals need."""
    lot = random.Random(f"{account_id} {count}")
    cells: Counter[str] = Counter()
    columns = list(Media.model_fields)
    rows = list(_videos(account_id, count, lot))
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY media ({', '.join(columns)}) FROM STDIN") as copy:
            for video in rows:
                copy.write_row(list(video.model_dump().values()))
        with cursor.copy(
            "COPY media_text (account_id, media_type, field, ending, media_id, app_id, before,"
            " repeated) FROM STDIN"
        ) as copy:
            for video in rows:
                for row in _texts(video):
                    copy.write_row(row)
        for video in rows:
            cells[_cell(video)] += 1
        with cursor.copy(
            "COPY media_count (account_id, cell, app_id, media_type, status, category_id, month,"
            " amount) FROM STDIN"
        ) as copy:
            for cell, amount in cells.items():
                copy.write_row([account_id, cell, *json.loads(cell), amount])


def title(lot: random.Random) -> str:
    """A few words; rare ones are numbers."""
    return " ".join([*lot.choices(_WORDS, k=3), str(lot.randrange(10_000))])


def _videos(account_id: str, count: int, lot: random.Random) -> Iterator[Media]:
    now = datetime.now(UTC)
    planted = [word for word, times in PLANTED.items() for _ in range(times)]
    marks = dict(zip(lot.sample(range(count), k=len(planted)), planted, strict=True))
    for number in range(count):
        mark = f"{marks[number]} " if number in marks else ""
        media_id = uuid.UUID(int=lot.getrandbits(128)).hex
        created = now - timedelta(seconds=lot.randrange(_DAYS * 86_400))
        yield Media(
            media_id=media_id,
            account_id=account_id,
            app_id=APP,
            title=mark + title(lot),
            description=mark + " ".join(lot.choices(_WORDS, k=5)),
            tags=",".join(lot.choices(_WORDS, k=2)),
            category_id=lot.choice(CATEGORIES),
            file_name="clip.mp4",
            extension="mp4",
            source_key=f"upload/{media_id}/original.mp4",
            status=lot.choices(list(MediaStatus), weights=(1, 1, 1, 1, 1, 1, 94, 0))[0],
            template_group_id="d3fa017ad15c0de0000000000000001d",
            generation=1,
            source_size=lot.randrange(10**6, 10**9),
            source_etag=media_id,
            uploaded_at=created,
            created_at=created,
            modified_at=created + timedelta(seconds=lot.randrange(86_400)),
            media_type=MediaType.VIDEO,
            duration_ms=lot.randrange(1_000, 3_600_000),
            indexed=True,
        )


def _texts(video: Media) -> Iterator[list[object]]:
    for field in ("title", "tags", "description"):
        text = getattr(video, field)
        for ending, before, repeated in media_texts.endings(text, media_texts.STEPS[field]):
            yield [
                video.account_id,
                video.media_type.value,
                field,
                ending,
                video.media_id,
                video.app_id,
                before,
                repeated,
            ]


def _cell(video: Media) -> str:
    month = f"{video.created_at:%Y-%m}"
    return json.dumps([video.app_id, video.media_type, video.status, video.category_id, month])
