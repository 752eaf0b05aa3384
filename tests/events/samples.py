"""One emitter call for every event and outcome, in the room that will make it."""

from collections.abc import Callable
from datetime import UTC, datetime

from chalicelib.events import About
from chalicelib.events import payloads as facts
from chalicelib.events.payloads import Outcome
from chalicelib.ingest import announcements as incoming
from chalicelib.library import announcements as library
from chalicelib.mediaspec.facts import MediaFacts, VideoFacts
from chalicelib.playback import announcements as playback
from chalicelib.processing import announcements as processing
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, Task
from chalicelib.store.media import Media
from chalicelib.store.outputs import SnapshotSet
from chalicelib.store.pictures import AnimatedImage

MEDIA = "43a1b2c3d4e5f60718293a4b5c6d7e8f"
EXTEND = '{ "localId":"x",  "n":1.0 }'
NOW = datetime(2026, 3, 20, 7, 49, 17, tzinfo=UTC)
FAILURE = {
    "status": Outcome.FAIL,
    "error_code": "SourceBad",
    "error_message": "it is cut off",
}
STREAM = facts.LiveStream(stream_name="s", domain_name="live.example.com", app_name="a")

Emitter = Callable[[Transaction, str], str]
"""Called with an account's id; returns the id of the event that it recorded."""


def about(account_id: str, media_id: str = MEDIA) -> About:
    return About(account_id=account_id, app_id="app-1000000", media_id=media_id, extend=EXTEND)


def media(account_id: str, **more: object) -> Media:
    return Media.model_validate(
        {
            "media_id": MEDIA,
            "account_id": account_id,
            "app_id": "app-1000000",
            "title": "A title",
            "description": "About it",
            "category_id": 100,
            "tags": "a,b",
            "custom_cover_url": "http://example.com/cover.jpg",
            "file_name": "clip.mp4",
            "extension": "mp4",
            "source_key": "upload/clip.mp4",
            "source_size": 1439213,
            "template_group_id": "VOD_NO_TRANSCODE",
            "extend": EXTEND,
            "created_at": NOW,
            "modified_at": NOW,
        }
        | more
    )


def _job(account_id: str) -> Job:
    return Job.model_construct(
        job_id="d" * 32, account_id=account_id, definition="LD", callback_url="", extend=EXTEND
    )


def _task(account_id: str) -> Task:
    return Task.model_construct(
        account_id=account_id, template_group_id="", callback_url="", extend=EXTEND
    )


def _stream() -> facts.StreamTranscodeComplete:
    return facts.StreamTranscodeComplete(
        status=Outcome.SUCCESS,
        job_id="d" * 32,
        definition="LD",
        format="mp4",
        bitrate_kbps=925,
        duration=15,
        encrypt=False,
        file_url="http://example.com/ld.mp4",
        fps=29.97002997,
        width=540,
        height=960,
        size=1815321,
    )


def _failed_stream(account_id: str) -> facts.StreamTranscodeComplete:
    return processing.failed_stream(_job(account_id), "mp4", "SourceBad", "it is cut off")


def _snapshots(tx: Transaction, account_id: str) -> str:
    made = SnapshotSet.model_construct(
        kind="normal", snapshot_count=8, key_pattern="m/snapshots/1-{SnapshotCount}.jpg"
    )
    return processing.snapshots_complete(
        tx, media(account_id), _job(account_id), made, "m/covers/1-00002.jpg"
    )


def _analysis(tx: Transaction, account_id: str) -> str:
    picture = VideoFacts(index=0, codec_name="h264", width=630, height=360, fps=30.0)
    seen = MediaFacts(
        format_name="mp4",
        size=1234568,
        duration=12.0,
        bitrate_kbps=499.12,
        video=(picture,),
    )
    return processing.analysis_complete(tx, media(account_id), seen)


def _scene(*labels: str) -> facts.SceneAudit:
    return facts.SceneAudit(
        suggestion=facts.Suggestion.REVIEW,
        label=labels[0],
        max_score=92.48,
        average_score=81.7066666667,
        counts=dict.fromkeys(labels, 6),
        top=(
            facts.ScoredFrame(
                label=labels[0], score=92.48, timestamp_ms=1005, url="http://example.com/1.jpg"
            ),
        ),
    )


AUDIT = facts.AuditFindings(
    suggestion=facts.Suggestion.REVIEW,
    modules=("video",),
    labels=("porn",),
    video=facts.VideoAudit(
        suggestion=facts.Suggestion.REVIEW,
        label="porn",
        terrorism=_scene("normal", "terrorism", "outfit", "logo", "weapon", "politics", "others"),
        porn=_scene("sexy", "porn", "normal"),
    ),
    covers=(
        facts.CoverAudit(
            suggestion=facts.Suggestion.PASS,
            label="normal",
            url="http://example.com/cover.jpg",
            scenes=(
                facts.ScoredScene(
                    suggestion=facts.Suggestion.PASS, score=65.25, label="normal", scene="porn"
                ),
            ),
        ),
    ),
    titles=(
        facts.TitleAudit(
            suggestion=facts.Suggestion.PASS, label="normal", score=99.91, content="A title"
        ),
    ),
)
SIMILAR = facts.SimilarMedium(
    primary_key="7a1d275cc8da4fa393dde0e182e80000",
    similarity=0.99,
    parts=(
        facts.SimilarPart(
            here=facts.Stretch(start=0, duration=14),
            there=facts.Stretch(start=0.5, duration=14.4),
        ),
    ),
)
PERSON = facts.Tag(tag="张三", times_ms=(10760,), face_url="http://example.com/face.jpg")
PLACE = facts.Tag(tag="亚洲", times_ms=(8410, 9000))


def _recognition(model: type[facts.RecognitionPayload], **more: object) -> Emitter:
    outcome = model.model_validate({"status": Outcome.SUCCESS, "job_id": "f" * 32} | more)
    return lambda tx, account: processing.recognition_complete(
        tx,
        about(account),
        outcome,  # type: ignore[arg-type]
    )


def _refresh(**more: object) -> Emitter:
    outcome = facts.MediaRefreshSubmitted.model_validate(
        {
            "status": Outcome.SUCCESS,
            "refresh_job_id": "c" * 32,
            "task": "refresh",
            "filter_policy": '{"SliceFlag":false,"ResultType":"Single"}',
        }
        | more
    )
    return lambda tx, account: playback.refresh_submitted(tx, about(account), outcome)


def _animated(account: str) -> AnimatedImage:
    return AnimatedImage(
        image_id="e" * 32,
        job_id="d" * 32,
        account_id=account,
        media_id="b" * 32,
        format="gif",
        object_key="b/image/dynamic/e.gif",
        size=1834831,
        width=200,
        height=200,
        fps="25",
        duration_ms=2000,
        created_at=NOW,
    )


EMITTERS: dict[str, list[Emitter]] = {
    "FileUploadComplete": [lambda tx, a: processing.upload_complete(tx, media(a))],
    "ImageUploadComplete": [
        lambda tx, a: processing.image_upload_complete(tx, media(a), Outcome.SUCCESS),
        lambda tx, a: processing.image_upload_complete(tx, media(a), Outcome.FAIL),
    ],
    "StreamTranscodeComplete": [
        lambda tx, a: processing.stream_complete(tx, media(a), _job(a), _stream()),
        lambda tx, a: processing.stream_complete(tx, media(a), _job(a), _failed_stream(a)),
    ],
    "TranscodeComplete": [
        lambda tx, a: processing.transcode_complete(
            tx, media(a), _task(a), [_stream(), _failed_stream(a)]
        ),
        lambda tx, a: processing.transcode_complete(tx, media(a), _task(a), []),
    ],
    "SnapshotComplete": [
        _snapshots,
        lambda tx, a: processing.snapshots_failed(
            tx, media(a), _job(a), submitted=True, code="SourceBad", message="it is cut off"
        ),
    ],
    "DynamicImageComplete": [
        lambda tx, a: processing.animated_image_complete(tx, media(a), _job(a), _animated(a)),
        lambda tx, a: processing.animated_image_failed(
            tx, media(a), _job(a), "SourceBad", "it is cut off"
        ),
    ],
    "AddLiveRecordVideoComplete": [
        lambda tx, a: processing.live_recording_complete(tx, about(a), STREAM, (NOW, NOW)),
        lambda tx, a: processing.live_recording_complete(tx, about(a), STREAM, None),
    ],
    "LiveRecordVideoComposeStart": [
        lambda tx, a: processing.live_composition_started(tx, about(a), STREAM)
    ],
    "UploadByURLComplete": [
        lambda tx, a: incoming.url_upload_complete(
            tx,
            about(a),
            facts.UrlUploadComplete(
                status=Outcome.SUCCESS,
                job_id="d" * 32,
                source_url="http://example.com/s.mp4",
                size=123456,
            ),
        ),
        lambda tx, a: incoming.url_upload_complete(
            tx,
            about(a, media_id=""),
            facts.UrlUploadComplete(
                job_id="d" * 32, source_url="http://example.com/s.mp4", **FAILURE
            ),
        ),
    ],
    "CreateAuditComplete": [
        lambda tx, a: library.audited(
            tx,
            about(a),
            facts.ManualAuditComplete(
                verdict=facts.Verdict.BLOCKED, audited_at=NOW, auditor="author", reason="bad words"
            ),
        )
    ],
    "AIMediaAuditComplete": [
        _recognition(facts.AiAuditComplete, findings=AUDIT),
        _recognition(facts.AiAuditComplete, **FAILURE),
    ],
    "VideoAnalysisComplete": [
        _analysis,
        lambda tx, a: processing.analysis_failed(tx, media(a), "SourceBad", "it is cut off"),
    ],
    "AIMediaDNAComplete": [
        _recognition(facts.AiDnaComplete, similar=(SIMILAR,)),
        _recognition(facts.AiDnaComplete, **FAILURE),
    ],
    "AIVideoTagComplete": [
        _recognition(facts.AiTagComplete, persons=(PERSON,), locations=(PLACE,)),
        _recognition(facts.AiTagComplete, times=(PLACE,), keywords=(PLACE,), categories=(PLACE,)),
        _recognition(facts.AiTagComplete, **FAILURE),
    ],
    "AttachedMediaUploadComplete": [
        lambda tx, a: incoming.attached_upload_complete(tx, about(a), 14333, "http://example.com/w")
    ],
    "ProduceMediaComplete": [
        lambda tx, a: processing.production_complete(
            tx, about(a), facts.ProductionComplete(status=Outcome.SUCCESS, project_id="9" * 32)
        ),
        lambda tx, a: processing.production_complete(
            tx, about(a), facts.ProductionComplete(project_id="9" * 32, **FAILURE)
        ),
    ],
    "DeleteMediaComplete": [
        lambda tx, a: library.media_deleted(tx, about(a)),
        lambda tx, a: library.media_deleted(
            tx, about(a), part=facts.DeletedPart.STREAM, job_ids=["1" * 32, "2" * 32]
        ),
        lambda tx, a: library.media_not_deleted(tx, about(a), "MediaNotFound", "gone"),
    ],
    "MediaBaseChangeComplete": [
        lambda tx, a: library.media_created(tx, media(a)),
        lambda tx, a: library.media_changed(
            tx, media(a), media(a, title="Another", category_id=None)
        ),
        lambda tx, a: library.media_changed(tx, media(a), None),
    ],
    "SubmitMediaRefreshComplete": [
        _refresh(play_urls=("http://example.com/1", "http://example.com/2"), task_ids=("1", "2")),
        _refresh(**FAILURE),
    ],
}
