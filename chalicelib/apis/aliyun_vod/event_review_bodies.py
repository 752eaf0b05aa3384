"""Bodies of the events of reviews and recognition (VOD developer guide 12.4.10 to 12.4.14).

AIMediaAuditComplete carries its Data as an object, the two others as JSON text: so the guide's
tables and samples have it. A job without findings carries them empty, since Data is required.
"""

from chalicelib.apis.aliyun_vod.event_fields import Wire, decimal, json_text, known
from chalicelib.apis.aliyun_vod.formats import utc
from chalicelib.apis.aliyun_vod.job_errors import wire_error
from chalicelib.events import payloads as facts
from chalicelib.events.payloads import Outcome, Verdict

_AUDIT_STATUS = {Verdict.NORMAL: "Normal", Verdict.BLOCKED: "Blocked"}


def manual_audit(payload: facts.ManualAuditComplete) -> Wire:
    """12.4.10; only videos are reviewed."""
    return {
        "Status": payload.status.value,
        "SubType": "video",
        "AuditStatus": _AUDIT_STATUS[payload.verdict],
        "CreationTime": utc(payload.audited_at),
    } | known(Auditor=payload.auditor, Reason=payload.reason)


def _job(payload: facts.RecognitionPayload) -> Wire:
    """Code and Message are "0" and "OK" on success."""
    told = {"ErrorCode": "0", "ErrorMessage": "OK"}
    if payload.status is Outcome.FAIL:
        told = wire_error(payload.error_code, payload.error_message)
    return {"JobId": payload.job_id, "Status": payload.status.value} | known(
        Code=told.get("ErrorCode"), Message=told.get("ErrorMessage")
    )


def ai_audit(payload: facts.AiAuditComplete) -> Wire:
    """12.4.11."""
    found = payload.findings
    return _job(payload) | {"Data": {} if found is None else _findings(found)}


def _findings(found: facts.AuditFindings) -> Wire:
    return {
        "Suggestion": found.suggestion.value,
        "AbnormalModules": ",".join(found.modules),
        "Label": ",".join(found.labels) or "normal",
    } | known(
        VideoResult=_video(found.video) if found.video else None,
        CoverResult=[_cover(one) for one in found.covers] or None,
        TitleResult=[_title(one) for one in found.titles] or None,
    )


def _video(found: facts.VideoAudit) -> Wire:
    return {"Suggestion": found.suggestion.value, "Label": found.label} | known(
        TerrorismResult=_scene(found.terrorism) if found.terrorism else None,
        PornResult=_scene(found.porn) if found.porn else None,
    )


def _scene(found: facts.SceneAudit) -> Wire:
    return {
        "Suggestion": found.suggestion.value,
        "Label": found.label,
        "MaxScore": _ten_decimals(found.max_score),
        "AverageScore": _ten_decimals(found.average_score),
        "CounterList": [{"Label": label, "Count": n} for label, n in found.counts.items()],
        "TopList": [
            {
                "Label": frame.label,
                "Score": _ten_decimals(frame.score),
                "Timestamp": str(frame.timestamp_ms),
                "Url": frame.url,
            }
            for frame in found.top
        ],
    }


def _cover(found: facts.CoverAudit) -> Wire:
    return {
        "Suggestion": found.suggestion.value,
        "Type": "cover",
        "Label": found.label,
        "Url": found.url,
        "Result": [
            {
                "Suggestion": one.suggestion.value,
                "Score": decimal(one.score),
                "Label": one.label,
                "Scene": one.scene,
            }
            for one in found.scenes
        ],
    }


def _title(found: facts.TitleAudit) -> Wire:
    return {
        "Suggestion": found.suggestion.value,
        "Type": "title",
        "Score": decimal(found.score),
        "Label": found.label,
        "Scene": "antispam",
    } | known(Content=found.content)


def ai_dna(payload: facts.AiDnaComplete) -> Wire:
    """12.4.13."""
    similar = [
        {
            "PrimaryKey": one.primary_key,
            "Similarity": decimal(one.similarity),
            "Detail": [
                {"Input": _stretch(part.here), "Duplication": _stretch(part.there)}
                for part in one.parts
            ],
        }
        for one in payload.similar
    ]
    return _job(payload) | {"Data": json_text({"VideoDNA": similar})}


def _stretch(stretch: facts.Stretch) -> Wire:
    # "14.0", not "14": as the sample prints them.
    return {
        "Start": str(round(stretch.start, 3)),
        "Duration": str(round(stretch.duration, 3)),
    }


def ai_tag(payload: facts.AiTagComplete) -> Wire:
    """12.4.14; kinds of tags without a tag are left out."""
    groups = {
        "Person": payload.persons,
        "Time": payload.times,
        "Location": payload.locations,
        "Keyword": payload.keywords,
        "Category": payload.categories,
    }
    data = {name: [_tag(tag) for tag in tags] for name, tags in groups.items() if tags}
    return _job(payload) | {"Data": json_text(data)}


def _tag(tag: facts.Tag) -> Wire:
    return {"Tag": tag.tag, "Times": [str(moment) for moment in tag.times_ms]} | known(
        FaceUrl=tag.face_url
    )


def _ten_decimals(value: float) -> str:
    return f"{value:.10f}"
