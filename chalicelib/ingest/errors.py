"""What can be wrong with a request for an upload."""


class UnsupportedExtension(Exception):
    """The file has no extension, or one that stands for no format of its kind of media."""


class StorageNotFound(Exception):
    """The named storage address is not this deployment's, or there is none, or no bucket there."""


class StorageForbidden(Exception):
    """The bucket does not let this deployment in."""


class UploadsNotSetUp(Exception):
    """The deployment has nothing to make upload credentials of."""


class SourceElsewhere(Exception):
    """The source was not uploaded here and lies where no upload goes: it cannot be repeated."""


class WorkflowNotFound(Exception):
    """There is no workflow with this id."""


class UrlUnusable(Exception):
    """What is to be pulled from is no URL of a file, or of no format that is taken."""


class SessionIdUsed(Exception):
    """A request with this session id was taken a short while ago."""


class NoMultipartUpload(Exception):
    """Nothing of an upload in parts lies about for this media."""
