"""``make bench-coldstart``: what a cold start of the API function costs beside a bare Chalice app.

Both run in fresh processes on a Python without site-packages, from what a deployment would pack:
import, then the first request through the Lambda handler with an API Gateway event. The API's is a
signed GetVideoInfo (real PostgreSQL, master key unwrapped by the emulator's KMS); the bare app's
handler creates one boto3 client. They take turns, so that both see the same machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.requests import event, signed
from deploy.emulator import bare_python, emulated_account
from deploy.stages import PROJECT
from layers.functions import build as libraries

GOAL = 1.5
_RUNS = 20
_BARE_APP = """
import boto3
from chalice import Chalice
app = Chalice(app_name="bare")

@app.route("/")
def index():
    boto3.client("s3")
    return {}
"""
_MEASURE = """
import json, sys, time
started = time.perf_counter()
from app import app
imported = time.perf_counter()
class Context:
    function_name = "f"; memory_limit_in_mb = 1024; invoked_function_arn = "arn:aws:lambda:::f"
    aws_request_id = "r"
    def get_remaining_time_in_millis(self): return 29000
event = json.loads(sys.argv[1])
answer = app(event, Context())
done = time.perf_counter()
sys.stderr.flush()
print(json.dumps({"import": imported - started, "request": done - imported,
                  "status": answer["statusCode"], "body": answer["body"]}))
"""


def main(arguments: list[str]) -> int:
    """Measure and print; returns 0 when the ratio is within the goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coldstart", description=__doc__)
    parser.add_argument("--runs", type=int, default=_RUNS)
    runs = parser.parse_args(arguments).runs
    with tempfile.TemporaryDirectory(prefix="openvod-bench-") as place:
        folder = Path(place)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        libraries.build(folder / "vendor", version)
        python = bare_python(folder / "runtime")
        _pack(folder / "api", folder / "bare")
        with emulated_account(folder / "data") as variables:
            key = _prepare(variables)
            results = _alternate(python, folder, variables, key, runs)
    return _report(results)


def _pack(api: Path, bare: Path) -> None:
    import chalice

    for target in (api, bare):
        package = target / "chalice"
        package.mkdir(parents=True)
        for name in ("__init__.py", "app.py"):
            source = Path(str(chalice.__file__)).parent / name
            (package / name).write_bytes(source.read_bytes())
    (api / "app.py").symlink_to(PROJECT / "app.py")
    (api / "chalicelib").symlink_to(PROJECT / "chalicelib")
    (bare / "app.py").write_text(_BARE_APP, "utf-8")


def _prepare(variables: dict[str, str]) -> dict[str, str]:
    """Schema, KMS key and account; adds the key to the variables."""
    code = (
        "import boto3, json, os; from local.migrate import migrate;"
        "migrate(os.environ['OPENVOD_DATABASE_URL']);"
        "key = boto3.client('kms').create_key()['KeyMetadata']['KeyId'];"
        "os.environ['OPENVOD_KMS_KEY_ID'] = key;"
        "from chalicelib import identity; from chalicelib.settings import settings;"
        "pair = identity.bootstrap(settings().account_id);"
        "print(json.dumps([key, pair.access_key_id, pair.access_key_secret]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    kms_key, key_id, secret = json.loads(done.stdout.splitlines()[-1])
    variables["OPENVOD_KMS_KEY_ID"] = kms_key
    return {"id": key_id, "secret": secret}


def _alternate(
    python: Path, folder: Path, variables: dict[str, str], key: dict[str, str], runs: int
) -> dict[str, list[dict[str, float]]]:
    results: dict[str, list[dict[str, float]]] = {"api": [], "bare": []}
    # What every function of a deployment is given; see deploy/steps.py.
    variables = variables | {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
    for number in range(-1, runs):
        for name in results:
            request = event(_asking(key) if name == "api" else {})
            path = f"{folder / name}:{folder / 'vendor'}"
            done = subprocess.run(
                [str(python), "-c", _MEASURE, json.dumps(request)],
                cwd=folder / name,
                env={"PATH": os.defpath, "PYTHONPATH": path, **variables},
                capture_output=True,
                text=True,
                check=True,
            )
            result = json.loads(done.stdout.splitlines()[-1])
            expected = 404 if name == "api" else 200
            if result["status"] != expected:
                raise RuntimeError(f"{name} answered {result['status']}: {result['body']}")
            if number >= 0:  # the first round fills the caches of files and of bytecode
                results[name].append(result)
    return results


def _asking(key: dict[str, str]) -> dict[str, str]:
    return signed(key, Action="GetVideoInfo", VideoId="0" * 32)


def _report(results: dict[str, list[dict[str, float]]]) -> int:
    totals = {}
    print(f"medians of {len(results['api'])} fresh processes, in milliseconds")
    print(f"  {'':<6}{'import':>9}{'request':>9}{'together':>10}")
    for name, runs in results.items():
        imports = statistics.median(run["import"] for run in runs) * 1000
        requests = statistics.median(run["request"] for run in runs) * 1000
        totals[name] = statistics.median(run["import"] + run["request"] for run in runs) * 1000
        print(f"  {name:<6}{imports:9.0f}{requests:9.0f}{totals[name]:10.0f}")
    ratio = totals["api"] / totals["bare"]
    print(f"  ratio {ratio:.2f} (goal: at most {GOAL})")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
