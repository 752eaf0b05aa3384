"""How values are printed in events: what all bodies share (VOD developer guide 12.4)."""

import json
from typing import Any

from chalicelib.apis.aliyun_vod.job_errors import wire_error
from chalicelib.events.payloads import Outcome, WorkPayload

Wire = dict[str, Any]


def known(**fields: Any) -> Wire:
    """The fields whose value is known."""
    return {name: value for name, value in fields.items() if value is not None}


def ending(payload: WorkPayload) -> Wire:
    """Status, and the error where it is fail."""
    if payload.status is Outcome.SUCCESS:
        return {"Status": payload.status.value}
    return {"Status": payload.status.value} | known(
        **wire_error(payload.error_code, payload.error_message)
    )


def seconds(value: float | None) -> float | None:
    """A JSON number to the millisecond."""
    return None if value is None else round(float(value), 3)


def decimal(value: float | None) -> str | None:
    """A number as a string: "925", "29.97"; at most three decimals, no trailing zeros."""
    if value is None:
        return None
    text = f"{value:.3f}"
    return text.rstrip("0").rstrip(".")


def json_text(value: Any) -> str:
    """JSON inside a JSON string; texts stay readable."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
