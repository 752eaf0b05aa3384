"""Deciding what work is to be done on media, keeping its state, and running it.

``runner`` is for workers; everything else answers requests and never loads the media room.
"""

from typing import TYPE_CHECKING, Any

from chalicelib.lazy import attribute

if TYPE_CHECKING:
    from chalicelib.processing.built_in_groups import (
        DEFAULT_TRANSCODE_GROUP_ID,
        NO_TRANSCODE_GROUP_ID,
    )
    from chalicelib.processing.cancellation import cancel_job, cancel_task
    from chalicelib.processing.errors import (
        FileNotFound,
        JobNotFound,
        PictureTemplateNotFound,
        TaskNotFound,
        TemplateGroupEmpty,
        TemplateGroupIsDefault,
        TemplateGroupLocked,
        TemplateGroupNotFound,
        TemplateGroupSpecial,
        TemplateNotFound,
        TemplatesDoNotFit,
        TooManyAnimatedImages,
        TooManyTemplateGroups,
        TooManyTemplates,
        WatermarkIsDefault,
        WatermarkNotFound,
        WorkflowInvalid,
        WorkflowNotFound,
    )
    from chalicelib.processing.files import find_file
    from chalicelib.processing.group_editing import (
        add_group,
        add_templates,
        change_group,
        delete_group,
        delete_templates,
        is_default,
        list_groups,
        set_default_group,
    )
    from chalicelib.processing.picture_jobs import (
        animated_images,
        drop_animated_images,
        submit_animated,
        submit_snapshots,
        submit_snapshots_by_template,
    )
    from chalicelib.processing.submission import submit_preprocessing, submit_transcode
    from chalicelib.processing.tasks import TaskView, latest_tasks, list_tasks, view_task
    from chalicelib.processing.template_groups import (
        TemplateGroup,
        find_group,
    )
    from chalicelib.processing.watermarks import (
        add_watermark,
        change_watermark,
        delete_watermark,
        list_watermarks,
        require_watermarks,
        set_default_watermark,
        view_watermark,
    )
    from chalicelib.processing.workflow_runs import submit_workflow
    from chalicelib.processing.workflows import (
        add_workflow,
        list_workflows,
        read_nodes,
        remove_workflow,
        set_workflow_active,
    )

# What is imported only when it is asked for: each function needs a part.
_PLACES = {
    "DEFAULT_TRANSCODE_GROUP_ID": "chalicelib.processing.built_in_groups",
    "NO_TRANSCODE_GROUP_ID": "chalicelib.processing.built_in_groups",
    "FileNotFound": "chalicelib.processing.errors",
    "JobNotFound": "chalicelib.processing.errors",
    "PictureTemplateNotFound": "chalicelib.processing.errors",
    "TaskNotFound": "chalicelib.processing.errors",
    "TaskView": "chalicelib.processing.tasks",
    "TemplateGroup": "chalicelib.processing.template_groups",
    "TemplateGroupEmpty": "chalicelib.processing.errors",
    "TemplateGroupIsDefault": "chalicelib.processing.errors",
    "TemplateGroupLocked": "chalicelib.processing.errors",
    "TemplateGroupNotFound": "chalicelib.processing.errors",
    "TemplateGroupSpecial": "chalicelib.processing.errors",
    "TemplateNotFound": "chalicelib.processing.errors",
    "TemplatesDoNotFit": "chalicelib.processing.errors",
    "TooManyAnimatedImages": "chalicelib.processing.errors",
    "TooManyTemplateGroups": "chalicelib.processing.errors",
    "TooManyTemplates": "chalicelib.processing.errors",
    "WatermarkIsDefault": "chalicelib.processing.errors",
    "WatermarkNotFound": "chalicelib.processing.errors",
    "WorkflowInvalid": "chalicelib.processing.errors",
    "WorkflowNotFound": "chalicelib.processing.errors",
    "add_group": "chalicelib.processing.group_editing",
    "add_templates": "chalicelib.processing.group_editing",
    "add_watermark": "chalicelib.processing.watermarks",
    "add_workflow": "chalicelib.processing.workflows",
    "animated_images": "chalicelib.processing.picture_jobs",
    "cancel_job": "chalicelib.processing.cancellation",
    "cancel_task": "chalicelib.processing.cancellation",
    "change_group": "chalicelib.processing.group_editing",
    "change_watermark": "chalicelib.processing.watermarks",
    "delete_group": "chalicelib.processing.group_editing",
    "delete_templates": "chalicelib.processing.group_editing",
    "delete_watermark": "chalicelib.processing.watermarks",
    "drop_animated_images": "chalicelib.processing.picture_jobs",
    "find_file": "chalicelib.processing.files",
    "find_group": "chalicelib.processing.template_groups",
    "is_default": "chalicelib.processing.group_editing",
    "latest_tasks": "chalicelib.processing.tasks",
    "list_groups": "chalicelib.processing.group_editing",
    "list_tasks": "chalicelib.processing.tasks",
    "list_watermarks": "chalicelib.processing.watermarks",
    "list_workflows": "chalicelib.processing.workflows",
    "read_nodes": "chalicelib.processing.workflows",
    "remove_workflow": "chalicelib.processing.workflows",
    "require_watermarks": "chalicelib.processing.watermarks",
    "set_default_group": "chalicelib.processing.group_editing",
    "set_default_watermark": "chalicelib.processing.watermarks",
    "set_workflow_active": "chalicelib.processing.workflows",
    "submit_animated": "chalicelib.processing.picture_jobs",
    "submit_preprocessing": "chalicelib.processing.submission",
    "submit_snapshots": "chalicelib.processing.picture_jobs",
    "submit_snapshots_by_template": "chalicelib.processing.picture_jobs",
    "submit_transcode": "chalicelib.processing.submission",
    "submit_workflow": "chalicelib.processing.workflow_runs",
    "view_task": "chalicelib.processing.tasks",
    "view_watermark": "chalicelib.processing.watermarks",
}

__all__ = [
    "DEFAULT_TRANSCODE_GROUP_ID",
    "NO_TRANSCODE_GROUP_ID",
    "FileNotFound",
    "JobNotFound",
    "PictureTemplateNotFound",
    "TaskNotFound",
    "TaskView",
    "TemplateGroup",
    "TemplateGroupEmpty",
    "TemplateGroupIsDefault",
    "TemplateGroupLocked",
    "TemplateGroupNotFound",
    "TemplateGroupSpecial",
    "TemplateNotFound",
    "TemplatesDoNotFit",
    "TooManyAnimatedImages",
    "TooManyTemplateGroups",
    "TooManyTemplates",
    "WatermarkIsDefault",
    "WatermarkNotFound",
    "WorkflowInvalid",
    "WorkflowNotFound",
    "add_group",
    "add_templates",
    "add_watermark",
    "add_workflow",
    "animated_images",
    "cancel_job",
    "cancel_task",
    "change_group",
    "change_watermark",
    "delete_group",
    "delete_templates",
    "delete_watermark",
    "drop_animated_images",
    "find_file",
    "find_group",
    "is_default",
    "latest_tasks",
    "list_groups",
    "list_tasks",
    "list_watermarks",
    "list_workflows",
    "read_nodes",
    "remove_workflow",
    "require_watermarks",
    "set_default_group",
    "set_default_watermark",
    "set_workflow_active",
    "submit_animated",
    "submit_preprocessing",
    "submit_snapshots",
    "submit_snapshots_by_template",
    "submit_transcode",
    "submit_workflow",
    "view_task",
    "view_watermark",
]


def __getattr__(name: str) -> Any:
    return attribute(__name__, _PLACES, name)
