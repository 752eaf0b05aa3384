"""What can be wrong with a request for processing."""


class TemplateGroupNotFound(Exception):
    """The account has no template group with this id."""

    def __init__(self, group_id: str) -> None:
        super().__init__(f"no template group {group_id}")
        self.group_id = group_id


class TemplateNotFound(Exception):
    """The group has no template with this id."""

    def __init__(self, template_id: str) -> None:
        super().__init__(f"no template {template_id}")
        self.template_id = template_id


class TemplateGroupLocked(Exception):
    """The group may not be changed: it is locked, or built in."""


class TemplateGroupSpecial(Exception):
    """The group that transcodes nothing takes no templates."""


class TemplateGroupIsDefault(Exception):
    """The default group, and what is in it, cannot be deleted."""


class TemplateGroupEmpty(Exception):
    """The group has no template that makes anything."""


class TooManyTemplateGroups(Exception):
    """The application has as many groups as it may have."""


class TooManyTemplates(Exception):
    """The group has as many templates as it may have."""


class TemplatesDoNotFit(Exception):
    """The templates of a group contradict each other; the message tells how."""


class WatermarkNotFound(Exception):
    """The account has no watermark with this id."""

    def __init__(self, watermark_id: str) -> None:
        super().__init__(f"no watermark {watermark_id}")
        self.watermark_id = watermark_id


class WatermarkIsDefault(Exception):
    """The default watermark cannot be deleted."""


class FileNotFound(Exception):
    """An address names no file of this account in this deployment."""


class WorkflowNotFound(Exception):
    """The account has no active workflow with this id."""


class WorkflowInvalid(Exception):
    """The nodes of a workflow contradict each other; the message tells how."""


class TaskNotFound(Exception):
    """The account has no task of this kind with this id."""

    def __init__(self, task_id: str) -> None:
        super().__init__(f"no task {task_id}")
        self.task_id = task_id


class JobNotFound(Exception):
    """The account has no job with this id."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"no job {job_id}")
        self.job_id = job_id


class PictureTemplateNotFound(Exception):
    """The account has no template of snapshots or animated images with this id."""

    def __init__(self, template_id: str) -> None:
        super().__init__(f"no picture template {template_id}")
        self.template_id = template_id


class TooManyAnimatedImages(Exception):
    """The video has more animated images than are removed without naming them."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} animated images")
        self.count = count


class BucketNotAuthorised(Exception):
    """The account lets nothing of this bucket be read or written."""

    def __init__(self, bucket: str) -> None:
        super().__init__(f"the bucket {bucket} is not authorised")
        self.bucket = bucket


class FileTaskBegun(Exception):
    """The task is being worked on, or has ended: it cannot be cancelled any more."""

    def __init__(self, number: int) -> None:
        super().__init__(f"task {number} has begun")


class FileTaskNotEnded(Exception):
    """The task is waiting or being worked on: it cannot be forgotten yet."""

    def __init__(self, number: int) -> None:
        super().__init__(f"task {number} has not ended")


class FileTaskNotFailed(Exception):
    """Only a task that has failed can begin once more."""

    def __init__(self, number: int) -> None:
        super().__init__(f"task {number} has not failed")


class ParameterSetNotFound(Exception):
    """The account has no numbered template of this kind with this number, outside of groups."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no numbered template {number}")
        self.number = number


class ParameterGroupNotFound(Exception):
    """The account has no group of numbered templates with this id."""

    def __init__(self, group_id: str) -> None:
        super().__init__(f"no group of numbered templates {group_id}")
        self.group_id = group_id


class ParameterNameTaken(Exception):
    """Another template, or group, of the account has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the name is taken: {name}")
        self.name = name
