"""The context object that Lambda hands to a function."""

import time
import uuid
from dataclasses import dataclass, field

from local.layout import AWS_ACCOUNT, AWS_REGION, STAGE


@dataclass
class LambdaContext:
    """What the handlers and their libraries read of Lambda's context."""

    function: str
    time_limit_seconds: float = 900.0
    memory_limit_in_mb: int = 2048
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _started: float = field(default_factory=time.monotonic)

    @property
    def function_name(self) -> str:
        return f"openvod-{STAGE}-{self.function}"

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{AWS_REGION}:{AWS_ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        return self.aws_request_id

    def get_remaining_time_in_millis(self) -> int:
        left = self.time_limit_seconds - (time.monotonic() - self._started)
        return max(0, int(left * 1000))
