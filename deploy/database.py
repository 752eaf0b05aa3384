"""The database: its URL for the deployment itself, the schema, the first account."""

import json
import os
import subprocess
import sys

from chalicelib.store import dsql
from deploy.errors import DeployError
from deploy.stages import PROJECT, Stage

_MIGRATE = "import os; from local.migrate import migrate; migrate(os.environ['MIGRATE_URL'])"
_BOOTSTRAP = """
import json
from chalicelib import identity
from chalicelib.settings import settings
pair = identity.bootstrap(settings().account_id)
id, secret = pair.access_key_id, pair.access_key_secret
print(json.dumps({"access_key_id": id, "access_key_secret": secret}))
"""


def migrate(stage: Stage, outputs: dict[str, str]) -> None:
    """Apply the migrations that the database has not seen.

    They only add, so that the functions that still run the old version go on working. Raises
    DeployError.
    """
    url = stage.database_url or dsql.database_url(outputs["DatabaseEndpoint"])
    run("the migrations failed", _MIGRATE, {"MIGRATE_URL": url})


def first_account(variables: dict[str, str]) -> dict[str, str]:
    """Make the first account; returns its administrator's key, the same at every call."""
    output = run("the first account could not be made", _BOOTSTRAP, variables)
    pair: dict[str, str] = json.loads(output.splitlines()[-1])
    return pair


def run(complaint: str, code: str, variables: dict[str, str]) -> str:
    """Run code of the application with a stage's settings; returns its output.

    Raises DeployError with the complaint and the last line of what went wrong.
    """
    # A process of its own: the settings are read once in a process's life.
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        raise DeployError(f"{complaint}: {''.join(reason)[:500]}")
    return done.stdout
