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
