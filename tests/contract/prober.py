"""Probes a running platform from outside: ``python -m tests.contract.prober [URL KEY SECRET]``.

Knows nothing but the facts: it signs by code of its own (half of the requests with signature
version 1, half with ACS3), sends each action's printed request with the blotted-out values
repaired, and every violation, and compares codes, fields and types. Without arguments it probes the
stack whose ``.local/stack.json`` it finds. The exit status tells whether anything was wrong.
"""

import base64
import hashlib
import hmac
import itertools
import json
import re
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from tests.contract import facts
from tests.contract.cases import cases, departure, is_expected
from tests.contract.facts import Action

_VERSION = "2017-03-21"
_UNSUPPORTED = "UnsupportedOperation"
_KINDS = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}
_BLOTS = ("*", "{", "x" * 4)
_BLOTTED_ID = re.compile(r"\b[0-9a-f]{8,}\*+")
_BLOTTED = re.compile(r"\*{2,}")

Answer = tuple[int, dict[str, Any]]


def _escaped(text: str) -> str:
    return quote(text, safe="-_.~")


def _query(parameters: dict[str, str]) -> str:
    return "&".join(f"{_escaped(name)}={_escaped(parameters[name])}" for name in sorted(parameters))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Client:
    """Signs and sends; the two ways of signing take turns."""

    url: str
    key: str
    secret: str
    session: requests.Session = field(default_factory=requests.Session)
    turns: Iterator[bool] = field(default_factory=lambda: itertools.cycle((True, False)))

    def ask(self, action: str, parameters: dict[str, str]) -> Answer:
        """Status and body of one request."""
        send = self._version_1 if next(self.turns) else self._acs3
        response = send(action, parameters)
        body: dict[str, Any] = response.json()
        return response.status_code, body

    def _version_1(self, action: str, parameters: dict[str, str]) -> requests.Response:
        signed = {
            **parameters,
            "Action": action,
            "Version": _VERSION,
            "Format": "JSON",
            "AccessKeyId": self.key,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": secrets.token_hex(16),
            "Timestamp": _now(),
        }
        text = f"POST&%2F&{_escaped(_query(signed))}"
        digest = hmac.new(f"{self.secret}&".encode(), text.encode(), "sha1").digest()
        signed["Signature"] = base64.b64encode(digest).decode()
        return self.session.post(f"{self.url}/", data=signed, timeout=60)

    def _acs3(self, action: str, parameters: dict[str, str]) -> requests.Response:
        headers = {
            "host": self.url.split("://", 1)[1],
            "x-acs-action": action,
            "x-acs-version": _VERSION,
            "x-acs-date": _now(),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        }
        names = ";".join(sorted(headers))
        lines = ["POST", "/", _query(parameters)]
        lines += [f"{name}:{headers[name]}" for name in sorted(headers)]
        lines += ["", names, headers["x-acs-content-sha256"]]
        hashed = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        text = f"ACS3-HMAC-SHA256\n{hashed}"
        signature = hmac.new(self.secret.encode(), text.encode(), "sha256").hexdigest()
        headers["Authorization"] = (
            f"ACS3-HMAC-SHA256 Credential={self.key},SignedHeaders={names},Signature={signature}"
        )
        url = f"{self.url}/?{_query(parameters)}"
        return self.session.post(url, headers=headers, timeout=60)


@dataclass
class Findings:
    """What was sent, and what was wrong with the answers."""

    requests: int = 0
    not_built: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def probe(client: Client) -> Findings:
    """Everything that the facts name."""
    findings = Findings()
    video = client.ask("CreateUploadVideo", {"Title": "probe", "FileName": "probe.mp4"})[1]
    known = {name: str(video.get("VideoId")) for name in ("VideoId", "VideoIds", "MediaId")}
    for action in facts.actions().values():
        _, body = client.ask(action.name, {})
        findings.requests += 1
        if body.get("Code") == _UNSUPPORTED:
            findings.not_built.append(action.name)
            continue
        _probe_action(client, action, known, findings)
    return findings


def _probe_action(
    client: Client, action: Action, known: dict[str, str], findings: Findings
) -> None:
    parameters = repaired(action, known)
    status, body = client.ask(action.name, parameters)
    findings.requests += 1
    where = f"{action.name}, the printed request"
    if status == 200:
        findings.problems += [f"{where}: {wrong}" for wrong in mismatches(body, action.response)]
    elif not _is_a_refusal(action, status, body):
        findings.problems.append(f"{where}: {status} {body}")
    for case in cases(action):
        if departure(action, case) is not None:
            continue
        status, body = client.ask(action.name, case.applied_to(parameters))
        findings.requests += 1
        if not is_expected(case, action, status, body.get("Code", "")):
            findings.problems.append(
                f"{action.name}, {case.parameter} {case.kind}: {status} {body}"
            )


def repaired(action: Action, known: dict[str, str]) -> dict[str, str]:
    """The printed request; what is blotted out becomes something that exists, or is left out.

    Where one of several parameters has to be there, that may be one of those left out.
    """
    printed = {}
    for name, value in action.sample.items():
        if name not in action.request:
            continue
        if action.request[name].type == "JSON-string":
            document = repaired_document(value, known)
            printed |= {name: document} if document else {}
        elif not any(blot in value for blot in _BLOTS):
            printed[name] = value
    for name, parameter in action.request.items():
        if parameter.required and name not in printed and parameter.type == "JSON-string":
            printed[name] = "[{}]"
        elif parameter.required and name not in printed:
            first = parameter.enum[0] if parameter.enum else parameter.default
            printed[name] = known.get(name) or first or "0" * 32
    return printed


def repaired_document(text: str, known: dict[str, str]) -> str | None:
    """A printed JSON document with ids and words where it is blotted out; None: it is no JSON."""
    if "*" not in text:
        return text
    document = _BLOTTED_ID.sub(known.get("VideoId") or "0" * 32, text)
    document = _BLOTTED.sub("blot", document)
    try:
        json.loads(document)
    except ValueError:
        return None
    return document


def _is_a_refusal(action: Action, status: int, body: dict[str, Any]) -> bool:
    """Whether the answer is one that can be: the printed ids exist nowhere, a name may be taken."""
    code = str(body.get("Code"))
    common = code.startswith(("Invalid", "NoSuch", "Forbidden", "Missing"))
    return action.errors.get(code) == status or (400 <= status < 500 and common)


def mismatches(body: Any, shape: Any, path: str = "") -> Iterator[str]:
    """Where an answer has a field or a type that the official SDK's model does not have."""
    if isinstance(shape, dict):
        if not isinstance(body, dict):
            yield f"{path} is no object"
            return
        for name, value in body.items():
            if name not in shape:
                yield f"{path}.{name} is unknown"
            else:
                yield from mismatches(value, shape[name], f"{path}.{name}")
    elif isinstance(shape, list):
        if not isinstance(body, list):
            yield f"{path} is no list"
            return
        for item in body:
            yield from mismatches(item, shape[0], f"{path}[]")
    elif not isinstance(body, _KINDS.get(shape, (object,))) or (
        isinstance(body, bool) and shape != "bool"
    ):
        yield f"{path} is no {shape}: {body!r}"


def main() -> int:
    """Probe, print, and tell whether all is well."""
    if len(sys.argv) == 4:
        client = Client(*sys.argv[1:])
    else:
        stack = json.loads(Path(".local/stack.json").read_text("utf-8"))
        client = Client(stack["api_url"], stack["access_key_id"], stack["access_key_secret"])
    findings = probe(client)
    print(f"{findings.requests} requests, {len(findings.problems)} problems")
    print(f"not built: {', '.join(findings.not_built)}")
    for problem in findings.problems:
        print(problem)
    return 1 if findings.problems else 0


if __name__ == "__main__":
    sys.exit(main())
