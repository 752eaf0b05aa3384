"""The topics (SNS) that subscribers have in the deployment's own AWS account."""

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.store.aws import sns

_NO_TOPIC = frozenset({"NotFound", "NotFoundException"})
_REFUSED = frozenset({"AuthorizationError", "AccessDenied", "AccessDeniedException"})


class TopicNotFound(Exception):
    """There is no such topic."""


class TopicForbidden(Exception):
    """AWS does not let OpenVOD publish to the topic."""


class TopicUnavailable(Exception):
    """The topic did not take the message; it may take it later."""


def publish(arn: str, body: str) -> None:
    """Publish a finished message. Raises TopicNotFound, TopicForbidden, TopicUnavailable."""
    try:
        sns().publish(TopicArn=arn, Message=body)
    except (BotoCoreError, ClientError) as error:
        raise _translated(error, arn) from error


def require(arn: str) -> None:
    """See that the topic is there. Raises TopicNotFound, TopicForbidden, TopicUnavailable."""
    try:
        sns().get_topic_attributes(TopicArn=arn)
    except (BotoCoreError, ClientError) as error:
        raise _translated(error, arn) from error


def _translated(error: BotoCoreError | ClientError, arn: str) -> Exception:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code in _NO_TOPIC:
        return TopicNotFound(arn)
    if code in _REFUSED:
        return TopicForbidden(arn)
    return TopicUnavailable(code or type(error).__name__)
