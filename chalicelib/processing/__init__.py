"""Deciding what work is to be done on media, keeping its state, and running it.

``runner`` is for workers; everything else answers requests and never loads the media room.
"""

from typing import TYPE_CHECKING, Any

from chalicelib.lazy import attribute

if TYPE_CHECKING:
    from chalicelib.processing.cancellation import cancel_job, cancel_task
    from chalicelib.processing.errors import JobNotFound, TaskNotFound, TemplateGroupNotFound
    from chalicelib.processing.submission import submit_snapshots, submit_transcode
    from chalicelib.processing.tasks import TaskView, view_task
    from chalicelib.processing.template_groups import (
        DEFAULT_TRANSCODE_GROUP_ID,
        NO_TRANSCODE_GROUP_ID,
        TemplateGroup,
        find_group,
    )

# What is imported only when it is asked for: each function needs a part.
_PLACES = {
    "DEFAULT_TRANSCODE_GROUP_ID": "chalicelib.processing.template_groups",
    "NO_TRANSCODE_GROUP_ID": "chalicelib.processing.template_groups",
    "JobNotFound": "chalicelib.processing.errors",
    "TaskNotFound": "chalicelib.processing.errors",
    "TaskView": "chalicelib.processing.tasks",
    "TemplateGroup": "chalicelib.processing.template_groups",
    "TemplateGroupNotFound": "chalicelib.processing.errors",
    "cancel_job": "chalicelib.processing.cancellation",
    "cancel_task": "chalicelib.processing.cancellation",
    "find_group": "chalicelib.processing.template_groups",
    "submit_snapshots": "chalicelib.processing.submission",
    "submit_transcode": "chalicelib.processing.submission",
    "view_task": "chalicelib.processing.tasks",
}

__all__ = [
    "DEFAULT_TRANSCODE_GROUP_ID",
    "NO_TRANSCODE_GROUP_ID",
    "JobNotFound",
    "TaskNotFound",
    "TaskView",
    "TemplateGroup",
    "TemplateGroupNotFound",
    "cancel_job",
    "cancel_task",
    "find_group",
    "submit_snapshots",
    "submit_transcode",
    "view_task",
]


def __getattr__(name: str) -> Any:
    return attribute(__name__, _PLACES, name)
