"""Each role of the template allows what its functions call, and nothing else.

What they call is read from the source: boto3 is called in the store alone, so the walk from a
handler to the store's functions says which of AWS's actions a role needs, and which queues.
"""

import ast
import fnmatch
import re
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from deploy.functions import FUNCTIONS
from tests.deploy import call_graph

_TEMPLATE = cfn_yaml.load(str(call_graph.ROOT / "infra" / "template.yaml"))
_RESOURCES = _TEMPLATE["Resources"]
_MODULES = call_graph.load()

# boto3's methods and the actions that AWS asks for. S3 answers 403 instead of 404 for an object
# that is not there unless the caller may list the bucket.
_ACTIONS = {
    ("s3", "generate_presigned_url"): {"s3:GetObject"},
    ("s3", "head_object"): {"s3:GetObject", "s3:ListBucket"},
    ("s3", "get_object"): {"s3:GetObject", "s3:ListBucket"},
    ("s3", "put_object"): {"s3:PutObject"},
    ("s3", "list_objects_v2"): {"s3:ListBucket"},
    ("s3", "delete_objects"): {"s3:DeleteObject"},
    ("s3", "upload_file"): {"s3:PutObject", "s3:AbortMultipartUpload"},
    ("s3", "create_multipart_upload"): {"s3:PutObject"},
    ("s3", "upload_part"): {"s3:PutObject"},
    ("s3", "complete_multipart_upload"): {"s3:PutObject"},
    ("s3", "list_parts"): {"s3:ListMultipartUploadParts"},
    ("s3", "list_multipart_uploads"): {"s3:ListBucketMultipartUploads"},
    ("s3", "abort_multipart_upload"): {"s3:AbortMultipartUpload"},
    ("s3", "list_buckets"): {"s3:ListAllMyBuckets"},
    ("files", "head_bucket"): {"s3:ListBucket"},
    ("files", "get_bucket_encryption"): {"s3:GetEncryptionConfiguration"},
    ("files", "list_objects_v2"): {"s3:ListBucket"},
    ("sns", "publish"): {"sns:Publish"},
    ("sns", "get_topic_attributes"): {"sns:GetTopicAttributes"},
    ("sqs", "send_message"): {"sqs:SendMessage"},
    ("sqs", "get_queue_url"): {"sqs:GetQueueUrl"},
    ("sts", "assume_role"): {"sts:AssumeRole"},
    ("kms", "generate_data_key_without_plaintext"): {"kms:GenerateDataKeyWithoutPlaintext"},
    ("kms", "decrypt"): {"kms:Decrypt"},
    ("kms", "encrypt"): {"kms:Encrypt"},
}
_CLIENTS = {
    "s3": "s3",
    "_s3_of": "s3",
    "S3Transfer": "s3",
    "sqs": "sqs",
    "sns": "sns",
    "sts": "sts",
    "kms": "kms",
    "foreign": "files",
}
# Functions of the store that work on further buckets as well as on the media bucket.
_ALSO_ON_FILES = ("_s3_of", "S3Transfer")
# Lambda itself takes messages with the function's role.
_OF_A_TRIGGER = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
}
_QUEUE_SETTINGS = {
    "quick_jobs_queue_url": "QuickJobsQueue",
    "heavy_jobs_queue_url": "HeavyJobsQueue",
    "deliveries_queue_url": "DeliveriesQueue",
    "pulls_queue_url": "PullsQueue",
}
_HANDLERS = {
    "ApiRole": [
        "http.api",
        "http.health",
        "http.cross_domain",
        "rest.operation",
        "play.manifest",
        "play.admit",
        "play.hls_key",
        "play.private_key",
    ],
    "StorageEventsRole": ["storage.storage_events"],
    "MediaWorkerRole": ["jobs.quick_jobs", "jobs.heavy_jobs"],
    "DeliveriesRole": ["deliveries.deliveries"],
    "PullerRole": ["pulls.puller"],
    "TimersRole": ["timers.timers"],
}
_TAKES_FROM = {
    "StorageEventsRole": {"StorageEventsQueue"},
    "MediaWorkerRole": {"QuickJobsQueue", "HeavyJobsQueue"},
    "DeliveriesRole": {"DeliveriesQueue"},
    "PullerRole": {"PullsQueue"},
}


def _reached(role: str) -> dict[str, ast.AST]:
    return call_graph.reached(_MODULES, [f"chalicelib.handlers.{h}" for h in _HANDLERS[role]])


def _calls(node: ast.AST) -> set[tuple[str, str]]:
    """The (client, boto3 method) pairs that a definition of the store calls."""
    return {
        (part.value.func.id, part.attr)
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Call)
        and isinstance(part.value.func, ast.Name)
        and part.value.func.id in _CLIENTS
    }


def _aws_calls(role: str) -> set[tuple[str, str]]:
    """The (service, boto3 method) pairs that a role's functions can come to."""
    return {
        (_CLIENTS[client], method)
        for name, node in _reached(role).items()
        if name.startswith("chalicelib.store.")
        for client, method in _calls(node)
    }


def _needed(role: str) -> set[str]:
    # Further buckets are worked on with another role, which is assumed for it.
    own = [call for call in _aws_calls(role) if call[0] != "files"]
    actions = {action for call in own for action in _ACTIONS[call]}
    return actions | (_OF_A_TRIGGER if role in _TAKES_FROM else set())


def _statements(role: str) -> list[dict[str, Any]]:
    policies = _RESOURCES[role]["Properties"]["Policies"]
    given = [policy["Fn::If"][1] if "Fn::If" in policy else policy for policy in policies]
    return [s for policy in given for s in policy["PolicyDocument"]["Statement"]]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _granted(role: str) -> set[str]:
    return {action for statement in _statements(role) for action in _listed(statement["Action"])}


@pytest.mark.parametrize("role", _HANDLERS)
def test_a_role_allows_what_its_functions_call(role: str) -> None:
    granted = _granted(role)
    missing = {a for a in _needed(role) if not any(fnmatch.fnmatch(a, g) for g in granted)}
    assert not missing


@pytest.mark.parametrize("role", _HANDLERS)
def test_a_role_allows_nothing_that_its_functions_do_not_call(role: str) -> None:
    needed = _needed(role)
    unused = {g for g in _granted(role) if not any(fnmatch.fnmatch(a, g) for a in needed)}
    assert not unused


@pytest.mark.parametrize("role", _HANDLERS)
def test_a_role_sends_to_the_queues_that_its_functions_name(role: str) -> None:
    named = {
        _QUEUE_SETTINGS[part.attr]
        for node in _reached(role).values()
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and part.attr in _QUEUE_SETTINGS
    }
    sending = [s for s in _statements(role) if "sqs:SendMessage*" in _listed(s["Action"])]
    allowed = {
        re.sub(r"\..*", "", str(resource["Fn::GetAtt"][0]))
        for statement in sending
        for resource in _listed(statement["Resource"])
    }
    assert allowed == named


@pytest.mark.parametrize("role", _TAKES_FROM)
def test_a_role_takes_from_its_own_queues_alone(role: str) -> None:
    taking = [s for s in _statements(role) if "sqs:ReceiveMessage" in _listed(s["Action"])]
    queues = {str(r["Fn::GetAtt"][0]) for s in taking for r in _listed(s["Resource"])}
    assert queues == _TAKES_FROM[role]


def test_the_role_for_files_allows_what_is_done_with_further_buckets() -> None:
    needed = set(_ACTIONS["s3", "delete_objects"])  # through a client that was handed on
    for client, method in _calls_of_the_store():
        if client in _ALSO_ON_FILES or _CLIENTS[client] == "files":
            service = "files" if _CLIENTS[client] == "files" else "s3"
            needed |= _ACTIONS[service, method]
    allowed = [s for s in _statements("ProcessingFilesRole") if s["Effect"] == "Allow"]
    assert {action for s in allowed for action in _listed(s["Action"])} == needed


def test_every_call_of_the_store_is_known_here() -> None:
    calls = {(_CLIENTS[client], method) for client, method in _calls_of_the_store()}
    assert calls == set(_ACTIONS)


def _calls_of_the_store() -> set[tuple[str, str]]:
    return {
        call
        for module in _MODULES.values()
        if ".store." in module.name
        for definition in module.definitions.values()
        for call in _calls(definition)
    }


def test_no_policy_of_the_template_names_everything() -> None:
    open_statements = []
    for name, resource in _RESOURCES.items():
        documents = []
        if "Policies" in resource["Properties"]:
            documents.append({"Statement": _statements(name)})
        if "PolicyDocument" in resource["Properties"]:
            documents.append(resource["Properties"]["PolicyDocument"])
        for document in documents:
            for statement in document["Statement"]:
                if statement["Effect"] == "Deny":
                    continue
                actions = _listed(statement["Action"])
                assert not any(action in ("*", "s3:*", "sqs:*", "kms:*") for action in actions)
                if "*" in _listed(statement.get("Resource", [])):
                    open_statements.append((name, sorted(actions)))
    # X-Ray knows no resources, and the names of all buckets are not to be had otherwise.
    assert open_statements == [
        ("WriteTraces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]),
        ("ApiRole", ["s3:ListAllMyBuckets"]),
    ]


def test_every_function_has_a_role_of_the_template() -> None:
    outputs = _TEMPLATE["Outputs"]
    roles = {str(outputs[f.role]["Value"]["Fn::GetAtt"][0]) for f in FUNCTIONS.values()}
    assert roles == set(_HANDLERS)
