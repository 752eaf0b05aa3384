"""The embedded stack: what is started in which order, and ended in which."""

import http.client
import os
import signal
import socket
import time
from typing import Any

from local import announce, environment, functions, infrastructure, ports, postgres, processes
from local.emulator import Emulator
from local.errors import Interrupted, StackError
from local.files import tail, write_json
from local.layout import AWS_ACCOUNT, AWS_REGION, HOST, Layout
from local.lock import Lock
from local.migrate import migrate
from local.supervisor import Child, Supervisor
from local.terminal import say, warn

_EMULATOR = "emulator"
_POSTGRES = "postgres"


class Stack:
    """One embedded stack from its start to its end."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._emulator = Emulator(layout)
        self._supervisor = Supervisor(layout, self._let_go)
        self._given_database = os.environ.get("OPENVOD_DATABASE_URL", "")
        self._database_url = self._given_database or postgres.database_url(layout.postgres)
        self._outputs: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._roles_are_stale = False
        self._lock: Lock
        self._listeners: dict[str, socket.socket] = {}

    def run(self) -> int:
        """Run until asked to stop; returns the exit code. Raises StackError if it cannot start."""
        started = time.monotonic()
        self._layout.create()
        self._lock = Lock(self._layout.lock)
        self._layout.stack_file.unlink(missing_ok=True)
        self._supervisor.watch_signals()
        self._clear_remains()
        self._listeners[functions.API] = ports.bind_api(self._layout)
        self._listeners[functions.EDGE] = ports.bind_edge(self._layout)
        ports.check_emulator_port(self._layout)
        settled = False
        try:
            self._start_servers()
            self._prepare_servers()
            settled = True
            self._start_functions()
            self._announce(time.monotonic() - started)
            self._watch()
            say("\nStopping. A second Ctrl-C does not wait for work that is under way.")
        except Interrupted:
            warn("stopped while starting")
        finally:
            self._end(save=settled)
        return 0

    # ---- starting ---------------------------------------------------------------------------

    def _clear_remains(self) -> None:
        for name in processes.end_orphans(self._layout.process_file):
            warn(f"ended {name}, left behind by an earlier stack")
        if not self._given_database:
            postgres.clear_remains(self._layout.postgres)

    def _let_go(self, name: str) -> None:
        self._lock.forget()
        for owner, listener in self._listeners.items():
            if name != owner:
                listener.close()

    def _start_servers(self) -> None:
        self._emulator.prepare()
        environment.write_profiles(self._layout, self._emulator.root_key(), {})
        self._supervisor.add(Child(_EMULATOR, lambda _: self._emulator.serve()))
        data = self._layout.postgres
        if not self._given_database:
            if not postgres.exists(data):
                self._initialise_database()
            parent = os.getpid()
            self._supervisor.add(
                Child(_POSTGRES, lambda _: postgres.serve(data, parent), signal.SIGINT)
            )
        functions.import_application()  # while the servers come up
        self._await_emulator()
        if not self._given_database:
            self._supervisor.wait_until(
                lambda: postgres.is_ready(data), 60, "PostgreSQL did not answer", _POSTGRES
            )

    def _await_emulator(self) -> None:
        what = "the AWS emulator did not answer"
        self._supervisor.wait_until(self._emulator.answers, 30, what, _EMULATOR)

    def _initialise_database(self) -> None:
        data = self._layout.postgres
        child = Child("initdb", lambda _: postgres.initialise(data), keep_alive=False)
        self._supervisor.add(child)
        self._supervisor.wait_until(lambda: not child.runs, 60, "initdb did not finish")
        if not postgres.exists(postgres.scratch(data)):
            raise StackError(f"initdb failed:\n{tail(self._layout.log_file('initdb'))}")
        postgres.scratch(data).rename(data)

    def _prepare_servers(self) -> None:
        """Infrastructure, schema, first account. Everything here can be run again and again."""
        if self._emulator.settled_fingerprint() != infrastructure.fingerprint():
            self._emulator.begin_change()
        done = self._supervisor.call(
            {"infrastructure": self._apply_template, "migrations": self._migrate}
        )
        self._outputs, changed = done["infrastructure"]
        environment.write_profiles(self._layout, self._emulator.root_key(), self._outputs)
        if changed:
            self._settle()
        self._keys = self._supervisor.call({"bootstrap": self._bootstrap})["bootstrap"]

    def _settle(self) -> None:
        self._supervisor.end([_EMULATOR], [(signal.SIGTERM, 20)])
        if self._supervisor.children[_EMULATOR].runs:
            raise StackError("the AWS emulator did not save its state")
        self._emulator.settle(infrastructure.fingerprint())
        self._supervisor.start_again(_EMULATOR)
        self._await_emulator()

    def _variables(self) -> dict[str, str]:
        variables = environment.base(self._layout, self._database_url)
        return variables | (environment.from_outputs(self._outputs) if self._outputs else {})

    def _apply_template(self) -> tuple[dict[str, str], bool]:
        functions.take_on(self._variables(), environment.ROOT_PROFILE)
        return infrastructure.apply(self._layout, self._emulator.settled_fingerprint())

    def _migrate(self) -> None:
        if not self._given_database:
            postgres.create_database(self._layout.postgres)
        migrate(self._database_url)

    def _bootstrap(self) -> dict[str, str]:
        functions.take_on(self._variables(), functions.API)
        from chalicelib import identity
        from chalicelib.settings import settings

        pair = identity.bootstrap(settings().account_id)
        return {
            "account_id": settings().account_id,
            "access_key_id": pair.access_key_id,
            "access_key_secret": pair.access_key_secret,
        }

    def _start_functions(self) -> None:
        variables = self._variables()
        for function in functions.all_functions():
            start = functions.starter(function, variables, self._outputs, self._listeners)
            self._supervisor.add(Child(function.name, start))
        self._supervisor.wait_until(self._all_ready, 60, "not every function became ready")
        self._supervisor.wait_until(self._api_answers, 30, "the API did not answer", functions.API)

    def _functions(self) -> list[Child]:
        names = [function.name for function in functions.all_functions()]
        return [c for name, c in self._supervisor.children.items() if name in names]

    def _all_ready(self) -> bool:
        return all(child.is_ready for child in self._functions())

    def _api_answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self._layout.port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    # ---- running ----------------------------------------------------------------------------

    def _announce(self, seconds: float) -> None:
        self._write_stack_file()
        self._supervisor.on_change = self._write_stack_file
        self._supervisor.on_death = self._on_death
        # The URL of a given database may hold a password.
        database = self._given_database and "the one in OPENVOD_DATABASE_URL"
        bucket = self._outputs["MediaBucketName"]
        announce.up(self._layout, bucket, database or self._database_url, seconds)

    def _write_stack_file(self) -> None:
        write_json(self._layout.stack_file, self._facts())

    def _facts(self) -> dict[str, Any]:
        root_id, root_secret = self._emulator.root_key()
        queues = {name: url for name, url in self._outputs.items() if name.endswith("QueueUrl")}
        children = self._supervisor.children.values()
        return {
            "api_url": self._layout.api_url,
            "play_url": self._layout.edge_url,
            "s3_endpoint": self._layout.emulator_url,
            **self._keys,
            "bucket": self._outputs["MediaBucketName"],
            "kms_key_id": self._outputs["SecretsKeyId"],
            "upload_role_arn": self._outputs["UploadRoleArn"],
            "queue_urls": queues,
            "database_url": self._database_url,
            "logs": str(self._layout.logs),
            "pids": {"supervisor": os.getpid()} | {c.name: c.pid for c in children if c.runs},
            # The emulator's root user, for looking around with any AWS tool.
            "aws": {
                "endpoint_url": self._layout.emulator_url,
                "region_name": AWS_REGION,
                "account_id": AWS_ACCOUNT,
                "aws_access_key_id": root_id,
                "aws_secret_access_key": root_secret,
            },
        }

    def _on_death(self, child: Child) -> None:
        if child.name == _EMULATOR:
            # Temporary credentials died with it; whoever holds some has to assume its role anew.
            self._emulator.prepare()
            self._roles_are_stale = True

    def _watch(self) -> None:
        while not self._supervisor.asked_to_stop:
            self._supervisor.run_once()
            emulator = self._supervisor.children[_EMULATOR]
            if self._roles_are_stale and emulator.runs and self._emulator.answers():
                self._roles_are_stale = False
                self._supervisor.renew([child.name for child in self._functions()])

    # ---- ending -----------------------------------------------------------------------------

    def _end(self, save: bool) -> None:
        """Take away what clients see, then the functions, then what they stand on.

        Without ``save`` the emulator is not let write down what it has: an infrastructure that
        could not be finished is made anew at the next start.
        """
        self._layout.stack_file.unlink(missing_ok=True)
        for listener in self._listeners.values():
            listener.close()
        running = self._supervisor.children
        servers = (_EMULATOR, _POSTGRES)
        self._supervisor.end(
            [name for name in running if name not in servers],
            [(signal.SIGTERM, 7), (signal.SIGKILL, 2)],
        )
        kill, term = (signal.SIGKILL, 2.0), (signal.SIGTERM, 8.0)
        self._supervisor.end([_EMULATOR] if _EMULATOR in running else [], [term, kill][not save :])
        self._supervisor.end(
            [_POSTGRES] if _POSTGRES in running else [],
            [(signal.SIGINT, 8), (signal.SIGQUIT, 4), kill],
        )
        if not self._given_database:
            postgres.remove_stand_in(self._layout.postgres)
        self._layout.process_file.unlink(missing_ok=True)
