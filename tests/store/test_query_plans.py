"""Every query that a timer or a worker repeats is served by an index, also with many rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from chalicelib.settings import settings
from chalicelib.store import (
    applications,
    categories,
    database,
    deletions,
    deliveries,
    events,
    file_buckets,
    file_notices,
    file_tasks,
    job_groups,
    jobs,
    media,
    media_counts,
    media_select,
    outputs,
    parameter_sets,
    pictures,
    play_counters,
    play_domains,
    playable,
    processing_defaults,
    pulls,
    splits,
    stream_keys,
    task_lists,
    templates,
    unfinished,
    watermarks,
    workflows,
)
from chalicelib.store.database import Transaction
from chalicelib.store.file_tasks import FileTaskFilter
from chalicelib.store.media_filter import (
    EVERYTHING,
    All,
    Anchor,
    AnyOf,
    Between,
    Contains,
    Filter,
    IsOneOf,
    Scope,
    Sort,
)

_ROWS = 20_000
_OWN_TABLES = (
    "file_bucket",
    "file_agency",
    "parameter_group",
    "parameter_set",
    "template_group",
    "template",
    "watermark",
    "workflow_run",
    "workflow_step",
)
_NOW = datetime.now(UTC)


@pytest.fixture(scope="module", autouse=True)
def _filled(database_url: str) -> Iterator[None]:
    """A library of a size at which reading a whole table is never the better plan."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENVOD_DATABASE_URL", database_url)
        settings.cache_clear()
        database.close()
        with psycopg.connect(database_url, autocommit=True) as connection:
            _fill(connection)
            yield
            connection.execute("DELETE FROM url_pull WHERE account_id = 'plans'")
            connection.execute("DELETE FROM url_pull_session WHERE account_id = 'plans'")
            for table in _OWN_TABLES:
                connection.execute(f"DELETE FROM {table}")
            connection.execute("DELETE FROM job WHERE account_id = 'plans'")
            connection.execute("DELETE FROM media WHERE account_id = 'plans'")
            connection.execute("DELETE FROM stream WHERE account_id = 'plans'")
            connection.execute("DELETE FROM snapshot_set WHERE account_id = 'plans'")
            connection.execute("DELETE FROM animated_image WHERE account_id = 'plans'")
            connection.execute("DELETE FROM picture_template WHERE account_id = 'plans'")
            connection.execute("DELETE FROM task WHERE account_id = 'plans'")
            connection.execute("DELETE FROM file_task WHERE account_id = 'plans'")
            connection.execute("DELETE FROM media_text WHERE account_id = 'plans'")
            connection.execute("DELETE FROM media_count WHERE account_id = 'plans'")
    settings.cache_clear()
    database.close()


def _fill(connection: psycopg.Connection) -> None:
    series = f"FROM generate_series(1, {_ROWS}) AS n"
    connection.execute(f"""
        INSERT INTO media SELECT md5(n::text), 'plans', 'app', 't', '', '', NULL, '', '', 'f',
            'mp4', 'k' || n, NULL, 'normal', 'g', '', '', '', 1, 1, '', '', now(), '', '', '',
            NULL, now() - n * interval '1 minute', now(), 'video', '', '', '[]', n, NULL, '', true
            {series}
    """)
    connection.execute(f"""
        INSERT INTO media_text
            SELECT 'plans', 'video', field, 'clip ' || n, md5(n::text), 'app', '', 0
            FROM unnest(ARRAY['title', 'tags', 'description']) AS field,
            generate_series(1, {_ROWS}) AS n
    """)
    connection.execute("""
        INSERT INTO media_count SELECT 'plans', n::text, 'app', 'video', 'normal', n, '2026-01', 1
            FROM generate_series(1, 1000) AS n
    """)
    connection.execute(f"""
        INSERT INTO job SELECT md5('j' || n), 'probe', 'quick', 'plans', 'app', md5(n::text), 1,
            md5('t' || n), '', '', '{{}}', 6, 4, '', '', 'succeeded', 1, '', now(), now(), 100,
            '', '', '', now() - n * interval '1 minute', now(), now(), NULL, NULL, NULL, n {series}
    """)
    connection.execute(f"""
        INSERT INTO stream SELECT md5('j' || n), 'plans', md5(n::text), 1, '', 'LD', 'mp4', 'k', 1,
            '{{}}', false, now(), now() {series}
    """)
    connection.execute(f"""
        INSERT INTO snapshot_set SELECT md5('j' || n), 'plans', md5(n::text), 'cover', 'p', 8,
            now(), now() {series}
    """)
    connection.execute(f"""
        INSERT INTO task SELECT md5('t' || n), 'plans', 'app', md5(n::text), 1, 'g', 'upload', 6,
            '', '', 2, 2, 2, '', '', now(), now() {series}
    """)
    connection.execute(f"""
        INSERT INTO file_task SELECT n, 'plans', 'transcode', 'films', 'k' || n, 'films', '', '',
            '{{}}', 6, 'succeeded', 1, 1, 1, '', '', '', now() - n * interval '1 minute', now(),
            now() {series}
    """)
    connection.execute(f"""
        INSERT INTO file_bucket SELECT 'b' || n, 'plans' || n % 1000, n % 2 = 0, now() {series}
    """)
    connection.execute(f"""
        INSERT INTO parameter_set SELECT n, 'plans' || n % 1000, 'rendition',
            CASE WHEN n % 2 = 0 THEN md5((n / 6)::text) ELSE '' END, 0, 'n' || n, '{{}}', now(),
            now() {series}
    """)
    connection.execute(f"""
        INSERT INTO parameter_group SELECT md5(n::text), 'plans' || n % 1000, 'n' || n, '{{}}',
            now(), now() {series}
    """)
    connection.execute(f"INSERT INTO file_agency SELECT 'plans' || n, now() {series}")
    connection.execute(f"""
        INSERT INTO animated_image SELECT md5('i' || n), md5('j' || n), 'plans', md5(n::text),
            'gif', 'k', 1, 1, 1, '10', 1000, now() {series}
    """)
    connection.execute(f"""
        INSERT INTO picture_template SELECT md5(n::text), 'plans', 'app' || n % 1000, 'snapshot',
            'n', '{{}}', '{{}}', now(), now() {series}
    """)
    connection.execute(f"""
        INSERT INTO url_pull SELECT md5('p' || n), 'plans', 'app', 'u' || n, md5('u' || n),
            md5(n::text), '{{}}', '', 'succeeded', 1, '', now(), now(), '', '', NULL, 0, '', '',
            now() - n * interval '1 minute', now(), now() {series}
    """)
    connection.execute(f"""
        INSERT INTO url_pull_session SELECT 'plans', 's' || n, now() {series}
    """)
    for table in (
        "url_pull",
        "url_pull_session",
        "media",
        "media_text",
        "media_count",
        "job",
        "stream",
        "snapshot_set",
        "animated_image",
        "picture_template",
        "task",
        "file_task",
        "file_bucket",
        "file_agency",
        "parameter_set",
        "parameter_group",
    ):
        connection.execute(f"ANALYZE {table}")


def _file_tasks(tx: Transaction, wanted: FileTaskFilter) -> object:
    return file_tasks.page(tx, "plans", "transcode", wanted, offset=0, limit=10)


_MEDIA = "c4ca4238a0b923820dcc509a6f75849b"
_VIDEOS = Scope("plans", ("video",))
_BOTH = Scope("plans", ("video", "audio"))
_NEWEST = (Sort(),)
_WORD = Contains("title", "clip 77")
_ANCHOR = Anchor(_NOW - timedelta(days=3), "0" * 32)


def _page(
    wanted: Filter, scope: Scope = _VIDEOS, sorts: tuple[Sort, ...] = _NEWEST
) -> Callable[[Transaction], object]:
    return lambda tx: media_select.page(tx, scope, wanted, sorts, offset=0, limit=10, hits=50)


def _total(wanted: Filter, scope: Scope = _VIDEOS) -> Callable[[Transaction], object]:
    return lambda tx: media_select.total(tx, scope, wanted)


# What a list or a search may ask for, each with the total that stands beside its pages.
_FILTERS: dict[str, Filter] = {
    "everything": EVERYTHING,
    "a status": IsOneOf("status", ("uploading",)),
    "statuses": IsOneOf("status", ("uploading", "blocked")),
    "a category": IsOneOf("category_id", (7,)),
    "an application": IsOneOf("app_id", ("app",)),
    "an id": IsOneOf("media_id", (_MEDIA,)),
    "a span": Between("created_at", _NOW - timedelta(days=2), _NOW - timedelta(days=1)),
    "a span of changes": Between("modified_at", _NOW + timedelta(days=2), None),
    "a size": Between("source_size", 5, 7),
    "a duration": Between("duration_ms", 5, 7),
    "a word": _WORD,
    "a long word": Contains("title", "clip 77 and more"),
    "words": All((_WORD, Contains("tags", "clip 1"))),
    "one of words": AnyOf((_WORD, Contains("description", "clip 1"))),
    "a word and a category": All((_WORD, IsOneOf("category_id", (7,)))),
    "a word and a status": All((_WORD, IsOneOf("status", ("normal",)))),
    "a word and a size": All((_WORD, Between("source_size", 5, 7))),
}

_JOB = jobs.Job(
    job_id=_MEDIA,
    kind="probe",
    queue="quick",
    account_id="plans",
    app_id="app",
    media_id=_MEDIA,
    generation=1,
    task_id=_MEDIA,
    due_at=_NOW,
    not_before=_NOW,
    created_at=_NOW,
)
_QUERIES: dict[str, Callable[[Transaction], object]] = {
    "a media": lambda tx: media.get(tx, "plans", _MEDIA),
    "several media": lambda tx: media.get_several(tx, "plans", [_MEDIA]),
    "uploads to look for": lambda tx: media.to_look_for(tx, _NOW, 50),
    "the next job": lambda tx: jobs.next_submitted(tx, "quick", _NOW),
    "lost workers": lambda tx: jobs.due(tx, "running", _NOW - timedelta(days=1), 100),
    "lost hints": lambda tx: jobs.due(tx, "submitted", _NOW - timedelta(days=1), 100),
    "jobs of a task": lambda tx: jobs.jobs_of_task(tx, _MEDIA),
    "renditions to make together": lambda tx: job_groups.untried_siblings(tx, _JOB, _NOW, 8),
    "chunks of a plan": lambda tx: splits.chunks_of(tx, _MEDIA),
    "chunks that have not ended": lambda tx: splits.open_chunks(tx, _MEDIA),
    "a chunk that failed": lambda tx: splits.has_failed_chunk(tx, _MEDIA),
    "renditions of a plan": lambda tx: splits.open_renditions(tx, _MEDIA),
    "renditions to wake": lambda tx: splits.wake_renditions(tx, _MEDIA, _NOW),
    "chunks to cancel": lambda tx: splits.cancel_chunks(tx, _MEDIA, _NOW),
    "unfinished outputs": lambda tx: unfinished.to_look_at(tx, _NOW, 20),
    "an unfinished output": lambda tx: unfinished.find(tx, _MEDIA),
    "open tasks of a media": lambda tx: jobs.open_tasks(tx, _MEDIA),
    "jobs to cancel": lambda tx: job_groups.cancel_open_jobs(tx, _MEDIA, 1, _NOW),
    "tasks on files": lambda tx: _file_tasks(tx, FileTaskFilter()),
    "tasks on files by state": lambda tx: _file_tasks(tx, FileTaskFilter(state="failed")),
    "tasks on files by number": lambda tx: _file_tasks(tx, FileTaskFilter(numbers=(5, 7))),
    "tasks on a file": lambda tx: _file_tasks(
        tx, FileTaskFilter(source_bucket="films", source_key="k5")
    ),
    "tasks on files by time": lambda tx: _file_tasks(
        tx, FileTaskFilter(since=_NOW - timedelta(hours=2), until=_NOW - timedelta(hours=1))
    ),
    "how many tasks on files": lambda tx: file_tasks.count(
        tx, "plans", "transcode", FileTaskFilter(state="failed")
    ),
    "days of tasks on files": lambda tx: file_tasks.summary(
        tx, "plans", "transcode", _NOW - timedelta(hours=2), _NOW
    ),
    "open jobs of a task on a file": lambda tx: file_tasks.open_job_ids(tx, 5),
    "jobs to begin again": lambda tx: file_tasks.reopen_jobs(tx, 5, _NOW),
    "whose a bucket is": lambda tx: file_buckets.hold_of(tx, "b7"),
    "whose buckets are": lambda tx: file_buckets.holds_of(tx, ["b7", "b8", "b9"]),
    "buckets used by agency": lambda tx: file_buckets.delete_holds_by_agency(tx, "plans7", 10),
    "whether there is an agency": lambda tx: file_buckets.has_agency(tx, "plans7"),
    "news that an account wants": lambda tx: file_notices.notices_of(tx, "plans"),
    "streams of a media": lambda tx: outputs.streams_of(tx, _MEDIA),
    "what playing asks": lambda tx: playable.get(tx, "plans", _MEDIA),
    "a key of a media": lambda tx: stream_keys.is_of_media(tx, _MEDIA, "x"),
    "security addresses": lambda tx: play_domains.security_addresses(tx, "plans"),
    "play domains": play_domains.every,
    "openings that are over": lambda tx: play_counters.forget_openings(tx, _NOW, 100),
    "tokens that are over": lambda tx: play_counters.forget_tokens(tx, _NOW, 100),
    "snapshots of a media": lambda tx: outputs.latest_snapshots(tx, _MEDIA, "cover"),
    "pictures of several media": lambda tx: outputs.latest_pictures(tx, [_MEDIA]),
    "a media by its source": lambda tx: media.get_by_source(tx, "k1"),
    "pulls of a URL": lambda tx: pulls.by_url(tx, "plans", "http://example.com/1", 100),
    "pulls by id": lambda tx: pulls.by_ids(tx, "plans", [_MEDIA]),
    "overdue pulls": lambda tx: pulls.due(tx, _NOW - timedelta(days=1), 100),
    "old session ids": lambda tx: pulls.forget_sessions(tx, _NOW - timedelta(days=1)),
    "all snapshots of a media": lambda tx: outputs.snapshot_sets(tx, _MEDIA, ["cover", "normal"]),
    "applications of an account": lambda tx: applications.all_of(tx, "plans"),
    "policies of a user": lambda tx: applications.grants(tx, "plans", "user", "u1"),
    "whether a user is held to them": lambda tx: applications.is_held(tx, "plans", "user", "u1"),
    "what an application holds": lambda tx: applications.holding(tx, "plans", "none"),
    "animated images of a media": lambda tx: pictures.images_of(tx, _MEDIA),
    "animated images to forget": lambda tx: pictures.drop_images(tx, _MEDIA, ["a", "b"]),
    "a picture template": lambda tx: pictures.get_template(tx, "plans", _MEDIA),
    "picture templates": lambda tx: pictures.templates_of(tx, "plans", "app", "snapshot"),
    "the newest task of a media": lambda tx: task_lists.latest_task(tx, "plans", _MEDIA),
    "tasks of a media": lambda tx: task_lists.tasks_of_media(
        tx, "plans", _MEDIA, since=_NOW, until=None, offset=0, limit=10
    ),
    "open jobs of a media": lambda tx: jobs.open_jobs(tx, _MEDIA, "transcode"),
    "numbered templates": lambda tx: parameter_sets.sets_of(tx, "plans5", "rendition", [5, 1005]),
    "a page of numbered templates": lambda tx: parameter_sets.page_of_sets(
        tx, "plans5", "rendition", offset=0, limit=10
    ),
    "how many numbered templates": lambda tx: parameter_sets.count_sets(tx, "plans5", "rendition"),
    "numbered templates of groups": lambda tx: parameter_sets.members(
        tx, "plans5", "rendition", ["a", "b"]
    ),
    "groups of numbered templates": lambda tx: parameter_sets.groups_of(tx, "plans5", ["a", "b"]),
    "a page of groups of numbered templates": lambda tx: parameter_sets.page_of_groups(
        tx, "plans5", None, offset=0, limit=10
    ),
    "named groups of numbered templates": lambda tx: parameter_sets.page_of_groups(
        tx, "plans5", ["n5"], offset=0, limit=10
    ),
    "how many groups of numbered templates": lambda tx: parameter_sets.count_groups(
        tx, "plans5", None
    ),
    "template groups": lambda tx: templates.groups_of(tx, "plans", "app"),
    "a template group": lambda tx: templates.get_group(tx, "plans", _MEDIA),
    "templates of a group": lambda tx: templates.templates_of(tx, _MEDIA),
    "watermarks": lambda tx: watermarks.watermarks_of(tx, "plans", "app"),
    "defaults of an application": lambda tx: processing_defaults.get_defaults(tx, "plans", "app"),
    "workflows": lambda tx: workflows.workflows_of(tx, "plans"),
    "the step that a job does": lambda tx: workflows.end_step(tx, _MEDIA, "failed", _NOW),
    "runs to abandon": lambda tx: workflows.abandon_runs(tx, _MEDIA, 1, _NOW),
    "unannounced events": lambda tx: events.take_unannounced(tx, 100, 60.0),
    "old media to index": lambda tx: media.index_some(tx, 100),
    "totals to check": lambda tx: media_counts.check_one(tx, 6.0),
    "deletions that are due": lambda tx: deletions.take_due(tx, 20),
    "categories": lambda tx: categories.get_several(tx, "plans", [7]),
    "subcategories": lambda tx: categories.below(tx, "plans", 7, kind="default", limit=10),
    "videos and audio": _page(EVERYTHING, _BOTH),
    "videos and audio of a category": _page(IsOneOf("category_id", (7,)), _BOTH),
    "the last changed": _page(EVERYTHING, sorts=(Sort("modified_at"),)),
    "onward from a place": lambda tx: media_select.page_from(
        tx, _VIDEOS, EVERYTHING, Sort(), _ANCHOR, skip=20, limit=10, hits=50
    ),
    "back from a place": lambda tx: media_select.page_from(
        tx, _VIDEOS, EVERYTHING, Sort(), _ANCHOR, skip=-20, limit=10, hits=50
    ),
    **{f"page by {name}": _page(wanted) for name, wanted in _FILTERS.items()},
    **{f"total by {name}": _total(wanted) for name, wanted in _FILTERS.items()},
    "overdue deliveries": lambda tx: deliveries.take_overdue(tx, 100, 5.0, 60.0),
}


class _Explaining:
    """A transaction that asks for the plan of each statement before it runs it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.plans: list[str] = []

    def execute(self, statement: bytes, values: dict[str, object]) -> object:
        # Small tables are read whole whatever their indexes; the question is whether one fits.
        self._tx.execute("SET LOCAL enable_seqscan = off")
        plan = self._tx.execute(b"EXPLAIN " + statement, values).fetchall()
        self.plans.append("\n".join(row["QUERY PLAN"] for row in plan))
        return self._tx.execute(statement, values)


@pytest.mark.parametrize("name", _QUERIES)
def test_an_index_serves_the_query(name: str) -> None:
    def explain(tx: Transaction) -> list[str]:
        explaining = _Explaining(tx)
        _QUERIES[name](explaining)  # type: ignore[arg-type]
        return explaining.plans

    plans = database.run(explain)
    assert plans
    for plan in plans:
        assert "Seq Scan" not in plan, plan
        # A condition on the index, not a walk through all of it.
        assert "Index Cond" in plan, plan


_NARROWING = {
    "page by everything": "media_by_type",
    "page by statuses": "media_by_status",
    "page by a category": "media_by_category",
    "page by an id": "media_pkey",
    "page by a span": "media_by_type",
    "page by a span of changes": "media_by_modification",
    "the last changed": "media_by_modification",
    "total by a size": "media_by_size",
    "total by a duration": "media_by_duration",
    "total by a word": "media_text_pkey",
    "total by one of words": "media_text_pkey",
    "total by a word and a category": "media_by_category",
    "total by a category": "media_count_pkey",
    "onward from a place": "media_by_type",
}


@pytest.mark.parametrize("name", _NARROWING)
def test_the_index_that_was_made_for_it_narrows_the_query(name: str) -> None:
    def explain(tx: Transaction) -> list[str]:
        explaining = _Explaining(tx)
        _QUERIES[name](explaining)  # type: ignore[arg-type]
        return explaining.plans

    plans = database.run(explain)
    assert any(f" {_NARROWING[name]} " in plan for plan in plans), plans
