"""Events as Alibaba Cloud VOD's receivers read them (VOD developer guide 12.1 and 12.4).

The tables of 12.4 decide names, types and presence; where a sample prints another type (numbers as
strings in 12.4.12), the table holds. What is not known is left out, never null. `Extend`, common
to all events (12.1), is the text that the request gave, and absent where it gave none.
"""

from collections.abc import Callable
from typing import Any

from chalicelib.apis.aliyun_vod import event_bodies as bodies
from chalicelib.apis.aliyun_vod import event_review_bodies as reviews
from chalicelib.apis.aliyun_vod.event_fields import Wire
from chalicelib.apis.aliyun_vod.formats import utc
from chalicelib.events import Event, EventType
from chalicelib.events import payloads as facts
from chalicelib.events.payloads import EventPayload, Outcome

EVENT_NAMES: dict[EventType, str] = {
    EventType.FILE_UPLOAD_COMPLETE: "FileUploadComplete",
    EventType.IMAGE_UPLOAD_COMPLETE: "ImageUploadComplete",
    EventType.STREAM_TRANSCODE_COMPLETE: "StreamTranscodeComplete",
    EventType.TRANSCODE_COMPLETE: "TranscodeComplete",
    EventType.SNAPSHOT_COMPLETE: "SnapshotComplete",
    EventType.ANIMATED_IMAGE_COMPLETE: "DynamicImageComplete",
    EventType.LIVE_RECORDING_COMPLETE: "AddLiveRecordVideoComplete",
    EventType.LIVE_COMPOSITION_STARTED: "LiveRecordVideoComposeStart",
    EventType.URL_UPLOAD_COMPLETE: "UploadByURLComplete",
    EventType.MANUAL_AUDIT_COMPLETE: "CreateAuditComplete",
    EventType.AI_AUDIT_COMPLETE: "AIMediaAuditComplete",
    EventType.VIDEO_ANALYSIS_COMPLETE: "VideoAnalysisComplete",
    EventType.AI_DNA_COMPLETE: "AIMediaDNAComplete",
    EventType.AI_TAG_COMPLETE: "AIVideoTagComplete",
    EventType.ATTACHED_MEDIA_UPLOAD_COMPLETE: "AttachedMediaUploadComplete",
    EventType.PRODUCTION_COMPLETE: "ProduceMediaComplete",
    EventType.MEDIA_DELETED: "DeleteMediaComplete",
    EventType.MEDIA_CHANGED: "MediaBaseChangeComplete",
    EventType.MEDIA_REFRESH_SUBMITTED: "SubmitMediaRefreshComplete",
}

# The field that carries the medium's id; VideoId unless it is named here.
_ID_FIELDS = {
    EventType.IMAGE_UPLOAD_COMPLETE: "ImageId",
    EventType.ATTACHED_MEDIA_UPLOAD_COMPLETE: "AttachedMediaId",
    EventType.MANUAL_AUDIT_COMPLETE: "MediaId",
    EventType.AI_AUDIT_COMPLETE: "MediaId",
    EventType.AI_DNA_COMPLETE: "MediaId",
    EventType.AI_TAG_COMPLETE: "MediaId",
    EventType.PRODUCTION_COMPLETE: "MediaId",
    EventType.MEDIA_DELETED: "MediaId",
    EventType.MEDIA_CHANGED: "MediaId",
    EventType.MEDIA_REFRESH_SUBMITTED: "MediaId",
}

_BODIES: dict[type[EventPayload], Callable[[Any], Wire]] = {
    facts.FileUploadComplete: bodies.file_upload,
    facts.ImageUploadComplete: bodies.image_upload,
    facts.StreamTranscodeComplete: bodies.stream,
    facts.TranscodeComplete: bodies.transcode,
    facts.SnapshotComplete: bodies.snapshot,
    facts.AnimatedImageComplete: bodies.animated_image,
    facts.LiveRecordingComplete: bodies.live_recording,
    facts.LiveCompositionStarted: bodies.live_composition,
    facts.UrlUploadComplete: bodies.url_upload,
    facts.ManualAuditComplete: reviews.manual_audit,
    facts.AiAuditComplete: reviews.ai_audit,
    facts.VideoAnalysisComplete: bodies.video_analysis,
    facts.AiDnaComplete: reviews.ai_dna,
    facts.AiTagComplete: reviews.ai_tag,
    facts.AttachedMediaUploadComplete: bodies.attached_upload,
    facts.ProductionComplete: bodies.production,
    facts.MediaDeleted: bodies.media_deleted,
    facts.MediaChanged: bodies.media_changed,
    facts.MediaRefreshSubmitted: bodies.media_refresh,
}


def render(event: Event) -> Wire:
    """The JSON object that is sent for the event."""
    payload = event.payload
    body = {
        "EventTime": utc(event.occurred_at),
        "EventType": EVENT_NAMES[event.event_type],
        _ID_FIELDS.get(event.event_type, "VideoId"): event.media_id,
        **_BODIES[type(payload)](payload),
    }
    if isinstance(payload, facts.UrlUploadComplete) and payload.status is Outcome.FAIL:
        del body["VideoId"]  # 12.4.9: nothing came of it
    if isinstance(payload, facts.ImageUploadComplete):
        body["AppId"] = event.app_id  # 12.4.2, by its sample
    if event.extend:
        body["Extend"] = event.extend
    return body
