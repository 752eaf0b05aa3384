"""The AWS emulator of the embedded stack: its start, its root key, and what it keeps.

MiniStack writes an object to disk when it is put, but queues, roles, keys and the bucket's
configuration only when it stops cleanly. So the stack stops it cleanly once, right after the
infrastructure was made or changed ("settling"), and keeps a copy of what it wrote. From then on a
``kill -9`` at any time loses nothing but messages in queues, which the database makes good.
"""

import contextlib
import http.client
import os
import secrets
import shutil
import string
import sys
from pathlib import Path

from local.files import read_json, write_json, write_private
from local.layout import AWS_ACCOUNT, AWS_REGION, HOST, PROJECT, Layout

_SERVICES = "s3,sts,sqs,sns,kms,iam,cloudformation"
# Without any one of these files the emulator has forgotten something that cannot be made again.
_VITAL_FILES = ("cloudformation.json", "iam.json", "kms.json", "s3.json", "sqs.json")


class Emulator:
    """The emulator's directory; whether a process works on it is the supervisor's business."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._state = layout.emulator / "state"
        self._settled = layout.emulator / "settled"
        self._replaced = layout.emulator / "settled.old"
        self._changing = layout.emulator / "changing"
        self._objects = layout.emulator / "objects"
        self._kept_objects = layout.emulator / "kept-objects"

    def root_key(self) -> tuple[str, str]:
        """Access key id and secret of the emulator's root user; made once."""
        path = self._layout.emulator / "root-key.json"
        known = read_json(path)
        if not known:
            letters = string.ascii_uppercase + string.digits
            known = {
                "id": "AKIA" + "".join(secrets.choice(letters) for _ in range(16)),
                "secret": secrets.token_urlsafe(30),
            }
            write_json(path, known)
        return known["id"], known["secret"]

    def serve(self) -> None:
        """Replace this process by the emulator."""
        key_id, secret = self.root_key()
        given_paths = filter(None, [os.environ.get("PYTHONPATH")])
        environment = {
            **os.environ,
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._objects),
            "GATEWAY_PORT": str(self._layout.emulator_port),
            "MINISTACK_HOST": HOST,
            "MINISTACK_ACCOUNT_ID": AWS_ACCOUNT,
            "MINISTACK_REGION": AWS_REGION,
            "SERVICES": _SERVICES,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # At its start it clears away containers that look like its own.
            "DOCKER_HOST": "unix:///nonexistent",
            "AWS_ACCESS_KEY_ID": key_id,
            "AWS_SECRET_ACCESS_KEY": secret,
            "PYTHONPATH": os.pathsep.join([str(PROJECT), *given_paths]),
        }
        command = [sys.executable, "-m", "local.emulator_server"]
        os.execve(sys.executable, command, environment)  # noqa: S606 - a shell is not wanted

    def answers(self) -> bool:
        """Whether the emulator takes requests."""
        connection = http.client.HTTPConnection(HOST, self._layout.emulator_port, timeout=2)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def prepare(self) -> None:
        """Before every start: make good what a hard end or a damaged disk has left incomplete."""
        if self._replaced.is_dir() and not self._settled.is_dir():
            self._replaced.rename(self._settled)  # the change of copies was broken off
        is_changing = self._changing.exists()
        is_whole = all(read_json(self._state / name) is not None for name in _VITAL_FILES)
        if is_whole and not is_changing and not self._settled.is_dir():
            self._copy_state("")
        if self._settled.is_dir():
            self._state.mkdir(mode=0o700, exist_ok=True)
            for name in _VITAL_FILES:
                # In the middle of a change the emulator may have saved half of it.
                if is_changing or read_json(self._state / name) is None:
                    shutil.copy2(self._settled / name, self._state / name)
            self._return_objects()
        else:
            # Nothing was settled yet, so the infrastructure is made anew; that fails where a
            # bucket already stands, so its objects step aside until it is done.
            shutil.rmtree(self._state, ignore_errors=True)
            self._put_objects_aside()
        self._changing.unlink(missing_ok=True)

    def settled_fingerprint(self) -> str:
        """The fingerprint that the last settling was given, or nothing."""
        try:
            return (self._settled / "fingerprint").read_text("utf-8")
        except OSError:
            return ""

    def begin_change(self) -> None:
        """Before the infrastructure is changed: until the settling, the state is not to be kept."""
        self._changing.touch(mode=0o600)

    def settle(self, fingerprint: str) -> None:
        """After the change and a clean stop: keep a copy of what the emulator wrote."""
        self._copy_state(fingerprint)
        self._changing.unlink(missing_ok=True)
        self._return_objects()

    def _copy_state(self, fingerprint: str) -> None:
        """There is a whole copy at every moment: the old one or the new one."""
        scratch = self._layout.emulator / "settled.new"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        for name in _VITAL_FILES:
            write_private(scratch / name, (self._state / name).read_text("utf-8"))
        write_private(scratch / "fingerprint", fingerprint)
        shutil.rmtree(self._replaced, ignore_errors=True)
        if self._settled.is_dir():
            self._settled.rename(self._replaced)
        scratch.rename(self._settled)
        shutil.rmtree(self._replaced, ignore_errors=True)

    def _put_objects_aside(self) -> None:
        if self._objects.is_dir():
            _merge(self._objects, self._kept_objects)

    def _return_objects(self) -> None:
        if self._kept_objects.is_dir():
            _merge(self._kept_objects, self._objects)


def _merge(source: Path, target: Path) -> None:
    """Move every file to where none is yet; a broken-off move can be repeated, nothing is lost."""
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_file() and not place.exists():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.rename(place)
    for directory in [*sorted((p for p in source.rglob("*") if p.is_dir()), reverse=True), source]:
        with contextlib.suppress(OSError):  # a file that was not moved keeps its directory
            directory.rmdir()
