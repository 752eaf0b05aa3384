"""What can be wrong with a request for an upload."""


class UnsupportedExtension(Exception):
    """The file name has no extension, or one that stands for no audio or video format."""


class StorageNotFound(Exception):
    """The named storage address is not this deployment's."""


class WorkflowNotFound(Exception):
    """There is no workflow with this id."""
