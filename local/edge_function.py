"""Runs ``infra/edge/viewer_request.js`` as CloudFront does: its very file, in QuickJS.

CloudFront's runtime offers two modules, ``cloudfront`` (the KeyValueStore) and ``crypto``. Here
they are objects of a prelude whose work Python does; only the two import lines are replaced.
"""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable
from typing import Any

import quickjs

from local.layout import PROJECT

FUNCTION = PROJECT / "infra" / "edge" / "viewer_request.js"

_IMPORT = re.compile(r"^import (\w+) from '(cloudfront|crypto)';$", re.MULTILINE)
_PRELUDE = """
const __modules = {
  crypto: {
    createHash: (name) => __digest((text) => __python_hash(name, text)),
    createHmac: (name, key) => __digest((text) => __python_hmac(name, key, text)),
  },
  cloudfront: { kvs: () => ({ get: async (key) => {
    const value = __python_value(key);
    if (value === null) throw new Error('KeyNotFound');
    return value;
  } }) },
};
function __digest(finish) {
  let text = '';
  const self = { update: (more) => { text += more; return self; }, digest: () => finish(text) };
  return self;
}
"""
_POSTLUDE = """
let __answer = null;
let __error = null;
function __run(event) {
  __answer = __error = null;
  handler(JSON.parse(event)).then(
    (answer) => { __answer = JSON.stringify(answer); },
    (error) => { __error = String(error); });
}
function __result() { return __answer; }
function __failure() { return __error; }
"""
# CloudFront gives a function 2 MB.
_MEMORY_BYTES = 2 * 1024 * 1024


class FunctionFailed(Exception):
    """The function threw; CloudFront answers 503 then."""


class EdgeFunction:
    """The function with a KeyValueStore behind it; safe for many threads.

    ``value`` returns the value of a key, or None. Every thread has an engine of its own.
    """

    def __init__(self, value: Callable[[str], str | None], code: str | None = None) -> None:
        self._value = value
        self._code = code or FUNCTION.read_text("utf-8")
        self._local = threading.local()

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        """The request to go on with, or the response (it has a ``statusCode``)."""
        engine = getattr(self._local, "engine", None)
        if engine is None:
            engine = self._local.engine = self._engine()
        context, run, result, failure = engine
        run(json.dumps(event))
        while context.execute_pending_job():
            pass
        answer = result()
        if answer is None:
            raise FunctionFailed(failure() or "the function did not answer")
        decided: dict[str, Any] = json.loads(answer)
        return decided

    def _engine(self) -> tuple[Any, ...]:
        context = quickjs.Context()
        context.set_memory_limit(_MEMORY_BYTES)
        context.add_callable("__python_hash", _hash)
        context.add_callable("__python_hmac", _hmac)
        context.add_callable("__python_value", self._value)
        code = _IMPORT.sub(r"const \1 = __modules.\2;", self._code)
        context.eval(_PRELUDE + code + _POSTLUDE)
        return context, *(context.get(f"__{name}") for name in ("run", "result", "failure"))


def _hash(name: str, text: str) -> str:
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def _hmac(name: str, key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), name).hexdigest()
