"""The functions: which role each has, whether it carries the layer, and what Chalice cannot set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """A function of the configuration.

    ``role`` is the output of the infrastructure that names its role: the template is the one place
    that says what a function may do, on AWS and on one machine alike. ``storage_mb`` is the size of
    ``/tmp``; ``takes_batches``: a queue calls it and it reports the messages that failed.
    """

    role: str
    takes_batches: bool = True
    has_layer: bool = False
    storage_mb: int = 512


FUNCTIONS = {
    "api_handler": Function("ApiRoleArn", takes_batches=False),
    "storage_events": Function("StorageEventsRoleArn"),
    "quick_jobs": Function("MediaWorkerRoleArn", has_layer=True, storage_mb=1024),
    "heavy_jobs": Function("MediaWorkerRoleArn", has_layer=True, storage_mb=10_240),
    "deliveries": Function("DeliveriesRoleArn"),
    "puller": Function("PullerRoleArn"),
    "timers": Function("TimersRoleArn", takes_batches=False),
}
