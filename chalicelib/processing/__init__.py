"""Deciding what work is to be done on media, keeping its state, and running it.

``runner`` is for workers; everything else answers requests and never loads the media room.
"""

from chalicelib.processing.errors import TaskNotFound, TemplateGroupNotFound
from chalicelib.processing.submission import submit_snapshots, submit_transcode
from chalicelib.processing.tasks import TaskView, view_task
from chalicelib.processing.template_groups import (
    DEFAULT_TRANSCODE_GROUP_ID,
    NO_TRANSCODE_GROUP_ID,
    TemplateGroup,
    find_group,
)

__all__ = [
    "DEFAULT_TRANSCODE_GROUP_ID",
    "NO_TRANSCODE_GROUP_ID",
    "TaskNotFound",
    "TaskView",
    "TemplateGroup",
    "TemplateGroupNotFound",
    "find_group",
    "submit_snapshots",
    "submit_transcode",
    "view_task",
]
