"""What a process loads decides how fast it starts and what it can be attacked through."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_PROBE = """
import json, sys
import app
from chalicelib.apis.registry import load_product, PRODUCTS
for package in PRODUCTS.values():
    product = load_product(package)
    module = __import__(package + ".catalog", fromlist=["ACTIONS"])
    for action in module.ACTIONS:
        assert product.find(action) is not None, action
from chalicelib.apis.protocol.huawei_rest import dispatch
for package in dispatch.PRODUCTS.values():
    product = dispatch.load_product(package)
    for name in product.routes:
        assert product.find(name).__name__ == name
print(json.dumps(sorted(sys.modules)))
"""


def _loaded() -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        cwd=_ROOT,
        env=os.environ | {"AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_api_with_every_action_loads_neither_codecs_nor_the_media_room() -> None:
    loaded = _loaded()
    assert "chalicelib.apis.aliyun_vod.playback" in loaded
    assert "chalicelib.apis.huawei_mpc.transcoding" in loaded
    heavy = {name for name in loaded if name.split(".")[0] in {"av", "imageio_ffmpeg", "numpy"}}
    assert heavy == set()
    assert {name for name in loaded if name.startswith("chalicelib.media.")} == set()
    assert "chalicelib.processing.runner" not in loaded


@pytest.mark.parametrize("package", ["events", "ingest", "processing"])
def test_what_a_package_offers_is_there_and_hidden_by_no_module(package: str) -> None:
    offered = importlib.import_module(f"chalicelib.{package}")
    modules = {path.stem for path in (_ROOT / "chalicelib" / package).iterdir()}
    # Importing a module sets its name on the package: the package is then no longer asked for it.
    assert not modules & set(offered.__all__)
    assert set(offered._PLACES) == set(offered.__all__)
    for name in offered.__all__:
        assert getattr(offered, name) is not None
