"""Reasons why work failed, under the codes that this vendor's answers and events carry.

The guide prints one such code for media (12.4.12): InvalidParameter.ResourceContentBad. The others
follow its form, so that an app that shows the code keeps working and one that reads it learns more.
"""

_BAD_CONTENT = "InvalidParameter.ResourceContentBad"
_BAD_URL = "URLInvalidError"
# The guide's own sentences (12.4.12 and 12.4.9).
_SENTENCES = {
    _BAD_CONTENT: "The resource operated InputFile is bad",
    _BAD_URL: "download video failed by the url, please check it",
}
_CODES = {
    "SourceBad": _BAD_CONTENT,
    "NoStreams": _BAD_CONTENT,
    "NoVideoStream": "InvalidParameter.NoVideoStream",
    "SourceUnsupported": "InvalidParameter.ResourceUnsupported",
    "SourceUnreachable": "InvalidParameter.ResourceUnreachable",
    "TimeLimitExceeded": "InvalidParameter.TimeLimitExceeded",
    "OutputTooLarge": "InvalidParameter.OutputTooLarge",
    "ConditionRefused": "InvalidParameter.TargetExceedsSource",
    "TargetUnfit": "InvalidParameter.TargetUnfit",
    "NothingToPackage": "InvalidParameter.NothingToPackage",
    "EncoderMissing": "InvalidParameter.EncoderMissing",
    "TemplateGroupNotFound": "InvalidTemplateGroupId.NotFound",
    "WatermarkNotFound": "InvalidParameter.WatermarkNotFound",
    "WorkflowNotFound": "InvalidWorkflowId.NotFound",
    "Superseded": "OperationCancelled",
    # As the guide's samples of failures have them (12.4.9, 12.4.17, 12.4.19).
    "UrlInvalid": _BAD_URL,
    "SourceTooLarge": "InvalidParameter.FileSizeExceeded",
    "MediaNotFound": "InvalidVideo.NotFound",
    "DomainNotFound": "InvalidDomain.NotFound",
}


def wire_error(reason: str | None, message: str | None) -> dict[str, str]:
    """ErrorCode and ErrorMessage for a reason of the domain; nothing where there is none.

    The message is the guide's sentence where it prints one, followed by what was found.
    """
    if not reason:
        return {}
    code = _CODES.get(reason, "InternalError")
    text = message or ""
    if code in _SENTENCES:
        text = f"{_SENTENCES[code]}: {text}"
    return {"ErrorCode": code, "ErrorMessage": text}
