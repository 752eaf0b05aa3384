"""The emulator as a process, closer to Lambda in two points: ``python -m deploy.emulator_server``.

- A function runs on a Python that has boto3 and nothing else (``OPENVOD_BARE_PYTHON``), as Lambda's
  has, so that whatever its package or its layer lacks is missing here, too.
- The modes of a zip's files are kept: the layer's ffmpeg has to be executable.

And faster in a third: a function is ready at once. Chalice looks for that every five seconds.
"""

import os
import zipfile
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.emulator_server import main

_extract = zipfile.ZipFile._extract_member  # type: ignore[attr-defined]
_detect = lambda_runtime._detect_runtime_binary


def _extract_with_mode(self: zipfile.ZipFile, member: Any, path: Any, pwd: Any) -> str:
    info = member if isinstance(member, zipfile.ZipInfo) else self.getinfo(member)
    target: str = _extract(self, member, path, pwd)
    mode = info.external_attr >> 16 & 0o777
    if mode and not info.is_dir():
        os.chmod(target, mode)  # noqa: PTH101
    return target


def _bare_python(runtime: str) -> tuple[str, str]:
    binary, script = _detect(runtime)
    return (os.environ["OPENVOD_BARE_PYTHON"] if runtime.startswith("python") else binary), script


if __name__ == "__main__":
    zipfile.ZipFile._extract_member = _extract_with_mode  # type: ignore[attr-defined]
    lambda_runtime._detect_runtime_binary = _bare_python
    lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = 0.01
    main()
