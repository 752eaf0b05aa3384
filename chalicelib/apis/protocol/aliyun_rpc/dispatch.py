"""One request from its bytes to its answer."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib import metrics, tracing
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.authentication import authenticate
from chalicelib.apis.protocol.aliyun_rpc.decoding import RpcRequest, decode, response_format
from chalicelib.apis.protocol.aliyun_rpc.errors import (
    COMMON_ERRORS,
    ApiError,
    Errors,
    internal_error,
    lookup,
    unsupported_operation,
)
from chalicelib.apis.protocol.aliyun_rpc.isolation import visible_to
from chalicelib.apis.protocol.aliyun_rpc.rendering import render_error, render_result
from chalicelib.apis.protocol.aliyun_rpc.signing import percent_encode
from chalicelib.apis.protocol.aliyun_rpc.validation import validated
from chalicelib.apis.protocol.http import HttpRequest, HttpResponse
from chalicelib.apis.registry import PRODUCTS, Product, load_product
from chalicelib.identity.call_rates import count_call
from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import PermissionDenied
from chalicelib.logs import log
from chalicelib.settings import settings
from chalicelib.store.visibility import limited_to


@dataclass(slots=True)
class _Progress:
    """How far a request got: what its log line says, and whose error table is asked."""

    request_id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    started: float = field(default_factory=time.perf_counter)
    action: str = ""
    account: str = ""
    media_id: str = ""
    errors: tuple[Errors, ...] = (COMMON_ERRORS,)
    failure: tuple[str, str] | None = None


def answer(request: HttpRequest, products: Mapping[str, str] = PRODUCTS) -> HttpResponse:
    """Authenticate, validate, authorise and perform one request, and render what comes of it.

    Always answers; errors are answers too. ``products`` maps API versions to packages.
    """
    progress = _Progress()
    wanted = response_format(request)
    code = ""
    try:
        rpc = decode(request)
        progress.action = f"{rpc.version}/{rpc.action}"[:100]
        result = _perform(rpc, products, progress)
        response = render_result(result, rpc.action, progress.request_id, wanted)
    except Exception as exception:
        error = _wire_error(exception, progress)
        code = error.code
        response = render_error(error, progress.request_id, wanted)
    _log(progress, response.status, code)
    metrics.count("Requests")
    if code:
        metrics.count("Errors", code=_known(code))
    return response


def _perform(rpc: RpcRequest, products: Mapping[str, str], progress: _Progress) -> RpcResult:
    # Names of actions are public, so an unknown one is told before any key is looked at.
    package = products.get(rpc.version)
    if package is None:
        raise ApiError("InvalidVersion", 400, "Specified parameter Version is not valid.")
    product = load_product(package)
    progress.errors = (product.errors, COMMON_ERRORS)
    action_class = product.find(rpc.action)
    if action_class is None:
        raise unsupported_operation()
    caller = authenticate(rpc, progress.request_id)
    progress.account = caller.account_id
    action = validated(action_class, rpc.parameters)
    progress.media_id = str(getattr(action, "VideoId", None) or "")
    _authorise(action, product, caller)
    # Calls that are refused for what they say cost nothing, and none of the account's allowance.
    if rpc.action in product.rates and settings().rate_limits:
        count_call(caller.account_id, rpc.action, product.rates[rpc.action])
    progress.failure = action.failure
    with limited_to(visible_to(caller, action, product.scopes)):
        return action.perform(caller)


def _authorise(action: RpcAction, product: Product, caller: Caller) -> None:
    # After validation, so that what is authorised is the very value that the action works on.
    name = f"{product.service}:{type(action).__name__}"
    resource = action.resource(caller.account_id)
    if resource is None:
        video_id = getattr(action, "VideoId", None)
        path = f"video/{percent_encode(video_id)}" if video_id else "*"
        resource = f"acs:{product.service}:{settings().region}:{caller.account_id}:{path}"
    if not caller.may(name, resource):
        raise PermissionDenied(name, resource)


def _wire_error(exception: Exception, progress: _Progress) -> ApiError:
    error = lookup(exception, *progress.errors)
    if error is None:
        log.exception("request failed", extra={"request_id": progress.request_id})
        if progress.failure is not None:
            code, message = progress.failure
            return ApiError(code, 503, message)
        return internal_error()
    return error


def _log(progress: _Progress, status: int, code: str) -> None:
    tracing.annotate(
        action=progress.action,
        request_id=progress.request_id,
        media_id=progress.media_id,
        code=_known(code),
    )
    log.info(
        "request",
        extra={
            "action": progress.action,
            "request_id": progress.request_id,
            "account": progress.account,
            "media_id": progress.media_id,
            "status": status,
            "code": code,
            "milliseconds": round((time.perf_counter() - progress.started) * 1000, 1),
        },
    )


def _known(code: str) -> str:
    """The code as a dimension: its first part, so that clients cannot make up new ones."""
    return code.partition(".")[0][:60]
