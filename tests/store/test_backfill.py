"""Rows that are older than a migration get its new columns, in batches, also after a crash."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, pool

from chalicelib.store.media import AUDIO_EXTENSIONS, Media
from migrations.apply_sql import BATCH_ROWS, BATCHED, statements, walk

_ROWS = 2 * BATCH_ROWS + 500


@pytest.fixture
def bind(database_url: str) -> Iterator[Connection]:
    engine = create_engine(
        database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        poolclass=pool.NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"""
            INSERT INTO media SELECT md5(n::text), 'old', 'app', 't', '', '', NULL, '', '', 'f',
                CASE WHEN mod(n, 4) = 0 THEN 'mp3' ELSE 'mp4' END, 'k', NULL, 'normal', 'g', '',
                '', '', 1, 1, '', '', now(), '', '', '', NULL, now(), now()
            FROM generate_series(1, {_ROWS}) AS n
        """)
        yield connection
        connection.exec_driver_sql("DELETE FROM media WHERE account_id = 'old'")
    engine.dispose()


def _backfills() -> list[str]:
    return [text for text in statements("0005") if BATCHED.fullmatch(text)]


def _run(bind: Connection) -> None:
    for statement in _backfills():
        found = BATCHED.fullmatch(statement)
        assert found
        walk(bind, statement.rstrip(";"), found["table"], found["key"])


def _left(bind: Connection) -> int:
    count: int = bind.exec_driver_sql(
        "SELECT count(*) FROM media WHERE account_id = 'old'"
        " AND (media_type IS NULL OR category_ids IS NULL)"
    ).scalar_one()
    return count


def test_every_old_row_is_filled(bind: Connection) -> None:
    assert _left(bind) == _ROWS
    _run(bind)
    assert _left(bind) == 0
    kinds = bind.exec_driver_sql(
        "SELECT extension, media_type, count(*) FROM media WHERE account_id = 'old'"
        " GROUP BY 1, 2 ORDER BY 1"
    ).all()
    assert [tuple(row) for row in kinds] == [
        ("mp3", "audio", _ROWS // 4),
        ("mp4", "video", _ROWS - _ROWS // 4),
    ]


def test_a_broken_off_run_goes_on_and_keeps_what_was_set_since(bind: Connection) -> None:
    middle = bind.exec_driver_sql(
        "SELECT media_id FROM media WHERE account_id = 'old' ORDER BY media_id OFFSET 1200 LIMIT 1"
    ).scalar_one()
    for statement in _backfills():
        bind.exec_driver_sql(statement.rstrip(";"), {"after": "", "until": middle})
    bind.exec_driver_sql(
        f"UPDATE media SET media_type = 'image', category_ids = '[1]' WHERE media_id = '{middle}'"
    )
    _run(bind)
    assert _left(bind) == 0
    kept = bind.exec_driver_sql(
        f"SELECT media_type, category_ids FROM media WHERE media_id = '{middle}'"
    ).one()
    assert tuple(kept) == ("image", "[1]")


def test_rows_of_the_former_version_are_read(bind: Connection, database_url: str) -> None:
    with psycopg.connect(database_url, row_factory=psycopg.rows.dict_row) as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (extension) * FROM media WHERE account_id = 'old'"
        ).fetchall()
    media = {row["extension"]: Media.model_validate(row) for row in rows}
    assert media["mp3"].media_type == "audio"
    assert media["mp4"].media_type == "video"
    assert media["mp4"].category_ids == "[]"


def test_the_migration_knows_the_same_audio_extensions() -> None:
    (statement,) = _backfills()
    assert all(f"'{extension}'" in statement for extension in AUDIO_EXTENSIONS)
