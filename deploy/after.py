"""What Chalice cannot set, set after it: partial batches, size of ``/tmp``, late settings."""

import boto3

from deploy.functions import FUNCTIONS, Function
from deploy.stages import Stage

# The next call is a minute away, and finds everything that a missed one would have.
_TIMER_AGE_SECONDS = 60


def apply(stage: Stage, late: dict[str, str]) -> int:
    """Bring every function to what is wanted; returns how many settings were changed.

    ``late`` are settings that are known only once the functions are there.
    """
    changed = sum(_configure(stage, name, function, late) for name, function in FUNCTIONS.items())
    changed += sum(
        _report_failed_messages(stage.function_name(name))
        for name, function in FUNCTIONS.items()
        if function.takes_batches
    )
    boto3.client("lambda").put_function_event_invoke_config(
        FunctionName=stage.function_name("timers"),
        MaximumRetryAttempts=0,
        MaximumEventAgeInSeconds=_TIMER_AGE_SECONDS,
    )
    return changed


def _configure(stage: Stage, name: str, function: Function, late: dict[str, str]) -> int:
    client = boto3.client("lambda")
    function_name = stage.function_name(name)
    present = client.get_function_configuration(FunctionName=function_name)
    variables = present.get("Environment", {}).get("Variables", {})
    wanted = variables | late
    storage = present.get("EphemeralStorage", {}).get("Size", 512)
    if wanted == variables and storage == function.storage_mb:
        return 0
    client.get_waiter("function_updated_v2").wait(FunctionName=function_name)
    client.update_function_configuration(
        FunctionName=function_name,
        EphemeralStorage={"Size": function.storage_mb},
        Environment={"Variables": wanted},
    )
    client.get_waiter("function_updated_v2").wait(FunctionName=function_name)
    return 1


def _report_failed_messages(function_name: str) -> int:
    client = boto3.client("lambda")
    changed = 0
    for mapping in client.list_event_source_mappings(FunctionName=function_name)[
        "EventSourceMappings"
    ]:
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            client.update_event_source_mapping(
                UUID=mapping["UUID"], FunctionResponseTypes=["ReportBatchItemFailures"]
            )
            changed += 1
    return changed
