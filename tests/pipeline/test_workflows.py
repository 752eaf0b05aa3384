"""Workflows: nodes begin in order, on their conditions, once, whatever repeats."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import ingest, processing
from chalicelib.ingest.completion import complete_upload
from chalicelib.ingest.uploads import NewUpload
from chalicelib.mediaspec.animated import AnimatedSpec
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.conditions import Conditions
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.snapshot import SnapshotSpec
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.processing import NO_TRANSCODE_GROUP_ID, picture_templates
from chalicelib.processing.group_editing import TemplateDraft
from chalicelib.processing.template_groups import TemplateConfig
from chalicelib.processing.workflow_runs import work_ended
from chalicelib.processing.workflows import Node
from chalicelib.store import database, media
from tests import clips
from tests.pipeline.library import APP, event_types, media_row, put, rows, work_off


def _group(account_id: str, **video: Any) -> str:
    size = PictureSize(width=video.pop("width", 160), sides="long_short", enlarge=True)
    spec = RenditionSpec(
        container="mp4",
        video=VideoEncoding(preset="ultrafast", size=size),
        audio=AudioEncoding(),
        conditions=Conditions(**video),
    )
    draft = TemplateDraft("t", "LD", TemplateConfig(spec=spec), "{}")
    return processing.add_group(account_id, APP, "group", [draft])


def _pictures(account_id: str) -> tuple[str, str]:
    """The ids of a template of snapshots and of one of animated images."""
    snapshots, animated = SnapshotSpec(count=1), AnimatedSpec(format="webp", duration=1, width=64)
    return (
        picture_templates.add_template(
            account_id, APP, "snapshot", "s", "{}", snapshots.model_dump_json()
        ).template_id,
        picture_templates.add_template(
            account_id, APP, "animated", "a", "{}", animated.model_dump_json()
        ).template_id,
    )


def _workflow(account_id: str, *nodes: Node) -> str:
    return processing.add_workflow(account_id, APP, "flow", nodes, active=True)


def _upload(account_id: str, workflow_id: str, clip: str = "silent_video") -> str:
    wish = NewUpload(
        title="clip", file_name="clip.mp4", template_group_id="", workflow_id=workflow_id
    )
    grant = ingest.create_upload(account_id, APP, wish)
    complete_upload(put(grant, clips.make(clip).read_bytes()))
    return grant.media_id


def _steps(media_id: str) -> dict[str, str]:
    """The nodes that have begun, with their states, of the only run."""
    (run,) = rows("workflow_run", media_id)
    assert (run["finished_at"] is None) == (run["open_steps"] > 0)
    found = database.run(
        lambda tx: database.many(
            tx, "SELECT * FROM workflow_step WHERE run_id = %(run_id)s", run_id=run["run_id"]
        )
    )
    return {step["node"]: step["state"] for step in found}


def test_an_upload_goes_through_all_kinds_of_nodes(account_id: str) -> None:
    snapshot, animated = _pictures(account_id)
    workflow_id = _workflow(
        account_id,
        Node(name="source", kind="transcode", template=NO_TRANSCODE_GROUP_ID),
        Node(name="small", kind="transcode", template=_group(account_id)),
        Node(name="cover", kind="snapshot", template=snapshot, after="small", when="succeeded"),
        Node(name="loop", kind="animated", template=animated, after="cover"),
        Node(name="never", kind="snapshot", template=snapshot, after="small", when="failed"),
    )
    media_id = _upload(account_id, workflow_id)
    assert media_row(media_id)["workflow_id"] == workflow_id
    work_off()
    ended = dict.fromkeys(("source", "small", "cover", "loop"), "succeeded")
    assert _steps(media_id) == ended
    assert media_row(media_id)["status"] == "normal"
    assert {row["definition"] for row in rows("stream", media_id)} == {"OD", "LD"}
    assert {row["kind"] for row in rows("snapshot_set", media_id)} == {"cover", "normal"}
    assert len(rows("animated_image", media_id)) == 1
    told = event_types(media_id)
    assert told.count("transcode_complete") == 1
    assert told.count("animated_image_complete") == 1


def test_a_failed_node_leads_to_another_try(account_id: str) -> None:
    impossible = _group(account_id, width=1920, resolution="refuse")
    workflow_id = _workflow(
        account_id,
        Node(name="wide", kind="transcode", template=impossible),
        Node(
            name="small",
            kind="transcode",
            template=_group(account_id),
            after="wide",
            when="failed",
        ),
    )
    media_id = _upload(account_id, workflow_id)
    work_off()
    assert _steps(media_id) == {"wide": "failed", "small": "succeeded"}
    assert media_row(media_id)["status"] == "normal"


def test_a_request_starts_a_run_and_the_end_of_work_counts_once(account_id: str) -> None:
    workflow_id = _workflow(
        account_id,
        Node(name="one", kind="transcode", template=NO_TRANSCODE_GROUP_ID),
        Node(name="two", kind="transcode", template=NO_TRANSCODE_GROUP_ID, after="one"),
    )
    media_id = _upload(account_id, "")
    work_off()
    run_id = processing.submit_workflow(account_id, media_id, workflow_id)
    (run,) = rows("workflow_run", media_id)
    assert (run["run_id"], run["open_steps"]) == (run_id, 1)
    (task,) = rows("task", media_id)

    def end_again() -> int:
        def end(tx: database.Transaction) -> int:
            record = media.get_any(tx, media_id)
            assert record is not None
            now = datetime.now(UTC)
            return len(work_ended(tx, record, task["task_id"], now, succeeded=True))

        return database.run(end)

    assert end_again() == 1  # the probe of the second node
    assert end_again() == 0
    work_off()
    assert set(_steps(media_id).values()) == {"succeeded"}


def test_a_node_whose_template_is_gone_has_failed(account_id: str) -> None:
    group = _group(account_id)
    workflow_id = _workflow(
        account_id,
        Node(name="gone", kind="transcode", template=group),
        Node(name="instead", kind="transcode", template=NO_TRANSCODE_GROUP_ID, after="gone"),
    )
    processing.delete_group(account_id, group)
    media_id = _upload(account_id, workflow_id)
    work_off()
    assert _steps(media_id) == {"gone": "failed", "instead": "succeeded"}
    assert media_row(media_id)["status"] == "normal"


def test_only_active_workflows_are_used(account_id: str) -> None:
    workflow_id = _workflow(
        account_id, Node(name="one", kind="transcode", template=NO_TRANSCODE_GROUP_ID)
    )
    media_id = _upload(account_id, workflow_id)
    processing.set_workflow_active(account_id, workflow_id, False)
    with pytest.raises(ingest.WorkflowNotFound):
        _upload(account_id, workflow_id)
    work_off()  # deactivated before the upload was analysed
    row = media_row(media_id)
    assert (row["status"], row["error_code"]) == ("transcode_failed", "WorkflowNotFound")
    with pytest.raises(processing.WorkflowNotFound):
        processing.submit_workflow("another account", media_id, workflow_id)


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        ([], "1 to 20 nodes"),
        ([{"name": "a", "kind": "review", "template": "t"}], "kind"),
        ([{"name": "a b", "kind": "transcode", "template": "t"}], "name"),
        ([{"name": "a", "kind": "transcode", "template": "t", "after": "b"}], "no node b"),
        ([{"name": "a", "kind": "transcode", "template": "t", "when": "failed"}], "no node before"),
        ([{"name": "a", "kind": "transcode", "template": "t"}] * 2, "two nodes a"),
    ],
)
def test_nodes_that_contradict_each_other(nodes: list[dict[str, str]], problem: str) -> None:
    with pytest.raises(processing.WorkflowInvalid, match=problem):
        processing.read_nodes(json.dumps(nodes))


def test_nodes_name_what_is_there(account_id: str) -> None:
    with pytest.raises(processing.WorkflowInvalid, match="a: no template group"):
        _workflow(account_id, Node(name="a", kind="transcode", template="nothing"))
