"""Deciding what work is to be done on media, keeping its state, and running it.

``runner`` is for workers; everything else answers requests and never loads the media room.
"""

from typing import TYPE_CHECKING, Any

from chalicelib.lazy import attribute

if TYPE_CHECKING:
    from chalicelib.processing.cancellation import cancel_job, cancel_task
    from chalicelib.processing.errors import (
        JobNotFound,
        PictureTemplateNotFound,
        TaskNotFound,
        TemplateGroupNotFound,
        TooManyAnimatedImages,
    )
    from chalicelib.processing.picture_jobs import (
        animated_images,
        drop_animated_images,
        submit_animated,
        submit_snapshots,
        submit_snapshots_by_template,
    )
    from chalicelib.processing.submission import submit_transcode
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
    "PictureTemplateNotFound": "chalicelib.processing.errors",
    "TaskNotFound": "chalicelib.processing.errors",
    "TaskView": "chalicelib.processing.tasks",
    "TemplateGroup": "chalicelib.processing.template_groups",
    "TemplateGroupNotFound": "chalicelib.processing.errors",
    "cancel_job": "chalicelib.processing.cancellation",
    "cancel_task": "chalicelib.processing.cancellation",
    "TooManyAnimatedImages": "chalicelib.processing.errors",
    "find_group": "chalicelib.processing.template_groups",
    "animated_images": "chalicelib.processing.picture_jobs",
    "drop_animated_images": "chalicelib.processing.picture_jobs",
    "submit_animated": "chalicelib.processing.picture_jobs",
    "submit_snapshots": "chalicelib.processing.picture_jobs",
    "submit_snapshots_by_template": "chalicelib.processing.picture_jobs",
    "submit_transcode": "chalicelib.processing.submission",
    "view_task": "chalicelib.processing.tasks",
}

__all__ = [
    "DEFAULT_TRANSCODE_GROUP_ID",
    "NO_TRANSCODE_GROUP_ID",
    "JobNotFound",
    "PictureTemplateNotFound",
    "TaskNotFound",
    "TaskView",
    "TemplateGroup",
    "TemplateGroupNotFound",
    "TooManyAnimatedImages",
    "animated_images",
    "cancel_job",
    "cancel_task",
    "drop_animated_images",
    "find_group",
    "submit_animated",
    "submit_snapshots",
    "submit_snapshots_by_template",
    "submit_transcode",
    "view_task",
]


def __getattr__(name: str) -> Any:
    return attribute(__name__, _PLACES, name)
