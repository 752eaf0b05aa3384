"""Read the facts of an API catalogue into ``facts.json``.

``python -m tests.contract.extract_facts FOLDER``, where the folder holds one JSON file for each
chapter of the manual, and ``sdk-shapes.json``, the nesting of the official SDK's models.

Names, types, limits, values, codes and nesting only: no sentences.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

FACTS = Path(__file__).with_name("facts.json")

_LIMITS = ("min", "max", "unit", "enum", "default", "example")
# How many items a list may have stands in a remark alone.
_NUMBER_OF = re.compile(r"(?:[Cc]omma|JSON array).*\bat most (\d+)\b")
_PLACEHOLDER = re.compile("<?公共请求参数>?")


def main() -> None:
    """Write the facts of the catalogue that is named on the command line."""
    folder = Path(sys.argv[1])
    shapes = json.loads((folder / "sdk-shapes.json").read_text("utf-8"))["actions"]
    chapters = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("[0-9]*.json"))]
    types = {known["name"]: known for chapter in chapters for known in chapter.get("types") or []}
    facts: dict[str, Any] = {"actions": {}, "rates": _rates(folder)}
    for chapter in chapters:
        for action in chapter.get("actions") or []:
            if action["name"] in shapes:
                made = _action(action, shapes[action["name"]])
                made["inside"] = {
                    f"{parameter['name']}{path}": known
                    for parameter in action["request"]
                    if parameter["type"] == "JSON-string"
                    for path, known in _inside(parameter, types, set())
                }
                made["top"] = sorted(field["name"] for field in action["response"])
                made["documented"] = sorted(_names(action["response"], types, set()))
                facts["actions"][action["name"]] = made
    FACTS.write_text(_compact(facts), "utf-8")


def _action(action: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    return {
        "section": action["section"],
        "request": {
            parameter["name"]: _parameter(parameter)
            for parameter in action["request"]
            if parameter["name"] != "Action"
        },
        "sdk_request": shape["request"],
        "errors": {
            error["code"]: error["status"]
            for error in action.get("errors", [])
            if "status" in error
        },
        "response": shape["response"],
        "sample": _sample(action["example_request"]),
    }


def _names(fields: list[Any], types: dict[str, Any], entered: set[str]) -> set[str]:
    """The names of fields that the manual prints for an answer, those of its types included."""
    names = set()
    for field in fields:
        names.add(field["name"])
        names |= _names(field.get("fields") or [], types, entered)
        kind = field.get("type_ref")
        if kind in types and kind not in entered:
            names |= _names(types[kind].get("fields") or [], types, entered | {kind})
    return names


def _inside(
    parent: dict[str, Any], types: dict[str, Any], entered: set[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is said of the members of a JSON document, by their paths in it."""
    kind = parent.get("type_ref")
    fields = list(parent.get("fields") or [])
    if not fields and kind in types and kind not in entered:
        fields = types[kind].get("fields") or []
        entered = entered | {kind}
    for field in fields:
        path = f".{field['name']}"
        known = _parameter({"required": False, **field})
        if known["required"] or set(known) & {"min", "max", "enum"}:
            known.pop("example", None)
            yield path, known
        for below, more in _inside(field, types, entered):
            yield f"{path}{below}", more


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    kept = {name: parameter[name] for name in _LIMITS if name in parameter}
    number = _NUMBER_OF.search(parameter.get("note") or "")
    if number and "max" not in kept:
        kept |= {"max": int(number[1]), "unit": "tags" if parameter["name"] == "Tags" else "items"}
    return {"type": parameter["type"], "required": parameter["required"], **kept}


def _sample(request: str) -> dict[str, str]:
    """The parameters of a printed request; stars stand where the manual blots out digits."""
    query = _PLACEHOLDER.sub("", request.partition("?")[2])
    pairs = (part.partition("=") for part in query.split("&") if "=" in part)
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs if name != "Action"}


def _rates(folder: Path) -> dict[str, list[Any]]:
    limits = json.loads((folder / "02-qps-limits.json").read_text("utf-8"))["limits"]
    return {limit["action"]: [limit["limit"], limit["per"]] for limit in limits}


def _compact(facts: dict[str, Any]) -> str:
    """One line for each action, so that a change of the facts can be read as a difference."""
    lines = [
        f"  {json.dumps(name)}: {json.dumps(facts['actions'][name], ensure_ascii=False)}"
        for name in sorted(facts["actions"])
    ]
    rates = json.dumps(facts["rates"], sort_keys=True)
    return '{\n "rates": ' + rates + ',\n "actions": {\n' + ",\n".join(lines) + "\n }\n}\n"


if __name__ == "__main__":
    main()
