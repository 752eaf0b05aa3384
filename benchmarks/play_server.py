"""The server that ``benchmarks.play`` measures: the application with one bare route beside it."""

import json
import os
import socket
import sys
from typing import Any

from app import app
from chalicelib.store import database
from local import web
from local.gateway import Gateway


@app.route("/bare/{media_id}", methods=["GET"])
def bare(media_id: str) -> dict[str, Any]:
    """What any API does at least: one indexed read, one JSON answer."""
    statement = "SELECT media_id, title, status FROM media WHERE media_id = %(media_id)s"
    row = database.run(lambda tx: database.one(tx, statement, media_id=media_id))
    return dict(row or {})


def main() -> None:
    """Serve on a free port, which is told on standard output; the log goes nowhere."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    web.serve(Gateway(app), listener, lambda: None)


if __name__ == "__main__":
    sys.exit(main())
