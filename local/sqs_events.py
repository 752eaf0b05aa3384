"""SQS messages in the shape in which Lambda hands them to a function."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

from local.layout import AWS_ACCOUNT, AWS_REGION


def sqs_event(queue_url: str, messages: "list[MessageTypeDef]") -> dict[str, Any]:
    """The event of one batch."""
    name = queue_url.rstrip("/").rsplit("/", 1)[-1]
    arn = f"arn:aws:sqs:{AWS_REGION}:{AWS_ACCOUNT}:{name}"
    return {"Records": [_record(arn, message) for message in messages]}


def _record(arn: str, message: "MessageTypeDef") -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {
            name: {
                "stringValue": value.get("StringValue"),
                "binaryValue": value.get("BinaryValue"),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": AWS_REGION,
    }


def failed_ids(answer: Any, messages: "list[MessageTypeDef]") -> set[str]:
    """Which messages stay in the queue, by Lambda's rules for partial batch responses.

    An answer that Lambda would not understand counts as a failure of the whole batch.
    """
    everything = {message["MessageId"] for message in messages}
    if answer is None or answer == {}:
        return set()
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if failures is None:
        return set() if isinstance(answer, dict) else everything
    named = {item.get("itemIdentifier") for item in failures}
    return named if named <= everything else everything
