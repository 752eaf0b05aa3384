"""What can be wrong with a request for processing."""


class TemplateGroupNotFound(Exception):
    """The account has no template group with this id."""

    def __init__(self, group_id: str) -> None:
        super().__init__(f"no template group {group_id}")
        self.group_id = group_id


class TaskNotFound(Exception):
    """The account has no transcode task with this id."""

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
