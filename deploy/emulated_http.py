"""For the emulator only: the HTTP API's routes.

MiniStack's ``ImportRestApi`` and ``PutRestApi``, which Chalice calls, make an API that has no
resources. This puts the same routes there one by one, from the document that Chalice generates.
"""

import importlib.util
import os
import sys
from typing import Any

import boto3
from chalice.deploy.swagger import SwaggerGenerator

from deploy.stages import PROJECT, Stage

_METHODS = frozenset({"get", "put", "post", "delete", "head", "patch", "options"})


def put_routes(stage: Stage, api_id: str, api_stage: str, variables: dict[str, str]) -> None:
    """Make the routes that are missing and publish them under the API's stage."""
    client = boto3.client("apigateway")
    function_arn = boto3.client("lambda").get_function_configuration(
        FunctionName=stage.function_name("api_handler")
    )["FunctionArn"]
    items = client.get_resources(restApiId=api_id, limit=500, embed=["methods"])["items"]
    resources = {each["path"]: each["id"] for each in items}
    present = {each["path"]: set(each.get("resourceMethods", {})) for each in items}
    for path, operations in _swagger(stage, variables, function_arn)["paths"].items():
        resource_id = _resource(client, api_id, resources, path)
        wanted = {method.upper() for method in _METHODS & set(operations)}
        for method in wanted - present.get(path, set()):
            _put_method(client, api_id, resource_id, method, function_arn)
    client.create_deployment(restApiId=api_id, stageName=api_stage)


def _swagger(stage: Stage, variables: dict[str, str], function_arn: str) -> dict[str, Any]:
    os.environ.update(variables)
    spec = importlib.util.spec_from_file_location("app", PROJECT / "app.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["app"] = module
    spec.loader.exec_module(module)
    region = function_arn.split(":")[3]
    generator = SwaggerGenerator(region, {"api_handler_arn": function_arn})
    document: dict[str, Any] = generator.generate_swagger(module.app)
    return document


def _resource(client: Any, api_id: str, resources: dict[str, str], path: str) -> str:
    if path in resources:
        return resources[path]
    parent, _, part = path.rpartition("/")
    made = client.create_resource(
        restApiId=api_id,
        parentId=_resource(client, api_id, resources, parent or "/"),
        pathPart=part,
    )
    resources[path] = made["id"]
    return resources[path]


def _put_method(client: Any, api_id: str, resource_id: str, method: str, arn: str) -> None:
    place = {"restApiId": api_id, "resourceId": resource_id, "httpMethod": method}
    region = arn.split(":")[3]
    client.put_method(**place, authorizationType="NONE")
    client.put_integration(
        **place,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations",
    )
