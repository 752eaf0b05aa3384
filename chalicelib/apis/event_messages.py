"""Events as their receivers read them: each in the form of the vendor whose event it is.

Media are told of as Alibaba Cloud VOD does it, tasks on files as Huawei Cloud MPC does.
"""

from typing import Any

from chalicelib.events.types import FILE_TASK_TYPES, Event


def render(event: Event) -> dict[str, Any]:
    """The JSON object that is sent for the event."""
    # Imported here: most deliveries are of one kind alone.
    if event.event_type in FILE_TASK_TYPES:
        from chalicelib.apis.huawei_mpc import event_messages as of_files

        return of_files.render(event)
    from chalicelib.apis.aliyun_vod import event_messages as of_media

    return of_media.render(event)
