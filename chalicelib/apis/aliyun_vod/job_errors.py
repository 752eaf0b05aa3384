"""Reasons why work failed, under the codes that this vendor's answers and events carry.

The guide prints one such code (12.4.12): InvalidParameter.ResourceContentBad. The others follow
its form, so that an app that shows the code keeps working and one that reads it learns more.
"""

_CODES = {
    "SourceBad": "InvalidParameter.ResourceContentBad",
    "NoStreams": "InvalidParameter.ResourceContentBad",
    "NoVideoStream": "InvalidParameter.NoVideoStream",
    "SourceUnsupported": "InvalidParameter.ResourceUnsupported",
    "SourceUnreachable": "InvalidParameter.ResourceUnreachable",
    "TimeLimitExceeded": "InvalidParameter.TimeLimitExceeded",
    "OutputTooLarge": "InvalidParameter.OutputTooLarge",
    "Superseded": "OperationCancelled",
}


def wire_error_code(reason: str) -> str:
    """The code for a reason of the domain."""
    return _CODES.get(reason, "InternalError")


def wire_error_message(reason: str, message: str) -> str:
    """The guide's sentence where it prints one, followed by what was found."""
    if _CODES.get(reason) == "InvalidParameter.ResourceContentBad":
        return f"The resource operated InputFile is bad: {message}"
    return message
