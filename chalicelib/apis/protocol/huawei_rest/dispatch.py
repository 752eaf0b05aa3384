"""One request from its bytes to its answer."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType

from chalicelib import metrics, tracing
from chalicelib.apis.protocol.http import HttpRequest, HttpResponse
from chalicelib.apis.protocol.huawei_rest import routing
from chalicelib.apis.protocol.huawei_rest.authentication import anybody, authenticate, check_project
from chalicelib.apis.protocol.huawei_rest.decoding import check_request, decoded
from chalicelib.apis.protocol.huawei_rest.errors import Errors, RestError, lookup, no_such_path
from chalicelib.apis.protocol.huawei_rest.operation import RestOperation, RestResult, Route
from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import PermissionDenied
from chalicelib.logs import log
from chalicelib.settings import settings

PRODUCTS: Mapping[str, str] = MappingProxyType(
    {
        "v1": "chalicelib.apis.huawei_mpc",
        "v1.0-ext": "chalicelib.apis.huawei_mpc",
        "v3": "chalicelib.apis.huawei_iam",
    }
)
"""First part of the path -> package."""


@dataclass(frozen=True, slots=True)
class Product:
    """One vendor product: where its operations are, and how it tells errors."""

    service: str
    routes: Mapping[str, Route]
    actions: Mapping[str, str]
    errors: Errors
    unexpected: RestError

    def find(self, name: str) -> type[RestOperation]:
        """The class of an operation; its module is imported when it is first asked for."""
        found: type[RestOperation] = getattr(import_module(self.actions[name]), name)
        return found


@lru_cache(maxsize=8)
def load_product(package: str) -> Product:
    """A product's tables, read once.

    A package has ``catalog`` with ``SERVICE``, the prefix of policies' actions, ``ROUTES`` and
    ``ACTIONS``, from the names of operations to routes and modules; and ``errors`` with
    ``ERRORS``, and ``UNEXPECTED`` for what nobody thought of.
    """
    catalog = import_module(f"{package}.catalog")
    errors = import_module(f"{package}.errors")
    return Product(
        service=catalog.SERVICE,
        routes=catalog.ROUTES,
        actions=catalog.ACTIONS,
        errors=errors.ERRORS,
        unexpected=errors.UNEXPECTED,
    )


@dataclass(slots=True)
class _Progress:
    """How far a request got: what its log line says, and who is asked about its error."""

    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started: float = field(default_factory=time.perf_counter)
    product: Product | None = None
    route: Route | None = None
    action: str = ""
    account: str = ""


def answer(request: HttpRequest, products: Mapping[str, str] = PRODUCTS) -> HttpResponse:
    """Authenticate, validate, authorise and perform one request, and render what comes of it.

    Always answers; errors are answers too. ``products`` maps beginnings of paths to packages.
    """
    progress = _Progress()
    code = ""
    try:
        result = _perform(request, products, progress)
        assert progress.route is not None
        response = _rendered(result, progress.route.success, progress.request_id)
    except Exception as exception:
        error = _wire_error(exception, progress)
        code = error.code
        response = _rendered_error(error, progress)
    _log(progress, response.status, code)
    metrics.count("Requests")
    if code:
        metrics.count("Errors", code=code)
    return response


def _perform(
    request: HttpRequest, products: Mapping[str, str], progress: _Progress
) -> RestResult | None:
    package = products.get(request.path.removeprefix("/").partition("/")[0])
    if package is None:
        raise no_such_path()
    product = progress.product = load_product(package)
    # What there is is public, so an unknown path is told before any key is looked at.
    match = routing.find(request.method, request.path, product.routes)
    progress.action, progress.route = match.name, match.route
    check_request(request)
    if match.route.access == "anybody":
        return decoded(product.find(match.name), request).perform(anybody(request))
    sender = authenticate(request)
    caller = sender.caller
    progress.account = caller.account_id
    check_project(request, sender, match.project_id)
    operation = decoded(product.find(match.name), request)
    if match.route.access == "granted":
        _authorise(operation, product, caller)
    return operation.perform(caller)


def _authorise(operation: RestOperation, product: Product, caller: Caller) -> None:
    name = f"{product.service}:{type(operation).__name__}"
    resource = operation.resource(caller.account_id)
    if resource is None:
        resource = f"{product.service}:{settings().region}:{caller.account_id}:*"
    if not caller.may(name, resource):
        raise PermissionDenied(name, resource)


def _wire_error(exception: Exception, progress: _Progress) -> RestError:
    product = progress.product
    error = lookup(exception, product.errors if product else {})
    if error is not None:
        return error
    log.exception("request failed", extra={"request_id": progress.request_id})
    assert product is not None, "nothing is done before the product is known"
    return product.unexpected


def _rendered_error(error: RestError, progress: _Progress) -> HttpResponse:
    status = error.status or (progress.route.failure if progress.route else 400)
    body = {"error_code": error.code, "error_msg": error.message}
    return _response(status, json.dumps(body, ensure_ascii=False), progress.request_id)


def _rendered(result: RestResult | None, status: int, request_id: str) -> HttpResponse:
    if result is None:
        return _response(status, "", request_id)
    return _response(status, result.body(), request_id, result.headers())


def _response(
    status: int, body: str, request_id: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    common = {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Request-Id": request_id,
        # What is sent is signed or carries a token, and there are no cookies: any origin may read
        # its answer.
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "X-Request-Id, X-Subject-Token",
    }
    return HttpResponse(status, {**common, **(headers or {})}, body)


def _log(progress: _Progress, status: int, code: str) -> None:
    tracing.annotate(action=progress.action, request_id=progress.request_id, code=code)
    log.info(
        "request",
        extra={
            "action": progress.action,
            "request_id": progress.request_id,
            "account": progress.account,
            "status": status,
            "code": code,
            "milliseconds": round((time.perf_counter() - progress.started) * 1000, 1),
        },
    )
