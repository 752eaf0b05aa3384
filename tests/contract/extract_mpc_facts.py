"""Read the facts of a catalogue of MPC into ``mpc_facts.json``.

``python -m tests.contract.extract_mpc_facts FOLDER``, where the folder holds one JSON file for each
chapter of the manual. Names, types, limits, values, statuses and codes only: no sentences.
"""

import json
import sys
from pathlib import Path
from typing import Any

FACTS = Path(__file__).with_name("mpc_facts.json")

_LIMITS = ("min", "max", "unit", "enum", "ranges")
_OURS = "/v1"


def main() -> None:
    """Write the facts of the catalogue that is named on the command line."""
    files = sorted(Path(sys.argv[1]).glob("[0-9]*.json"))
    chapters = [json.loads(path.read_text("utf-8")) for path in files]
    types = {known["name"]: known for chapter in chapters for known in chapter.get("types") or []}
    facts = {
        action["name"]: _operation(action, types)
        for chapter in chapters
        for action in chapter.get("actions") or []
        # The others belong to IAM, of which the manual prints samples only.
        if action["http"]["path"].startswith(_OURS)
    }
    lines = [f"  {json.dumps(name)}: {json.dumps(known)}" for name, known in facts.items()]
    FACTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _operation(action: dict[str, Any], types: dict[str, Any]) -> dict[str, Any]:
    http = action["http"]
    fields = [one for one in action["request"] if one["in"] in ("query", "body")]
    return {
        "section": action["section"],
        "method": http["method"],
        "path": http["path"],
        "success": http["success"][0],
        "failure": http["failure"][0],
        "errors": sorted({error["code"] for error in action.get("errors", [])}),
        "parameters": _parameters(fields, types, "", ()),
    }


def _parameters(
    fields: list[dict[str, Any]], types: dict[str, Any], above: str, entered: tuple[str, ...]
) -> dict[str, Any]:
    """By path: ``video.bitrate``, ``videos[].width``."""
    found: dict[str, Any] = {}
    for one in fields:
        path = f"{above}{one['name']}"
        kept = {name: one[name] for name in _LIMITS if name in one}
        found[path] = {"type": one["type"], "required": one["required"], **kept}
        kind = one.get("type_ref", "")
        inner = one.get("fields") or (types[kind].get("fields") if kind in types else None)
        if inner and kind not in entered:
            deeper = f"{path}[]." if one["type"].startswith("Array") else f"{path}."
            found |= _parameters(inner, types, deeper, (*entered, kind))
    return found


if __name__ == "__main__":
    main()
