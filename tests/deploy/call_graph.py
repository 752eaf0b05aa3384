"""Which functions of chalicelib a function can reach, read from the source without running it.

It errs on the safe side: a name that is mentioned counts as called, a class as all its methods, and
modules that are imported by their names' text (the registry's actions, the kinds of jobs) count as
reached by whoever can do that.
"""

import ast
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Modules that are imported by text, by the function that does it.
DYNAMIC = {
    "chalicelib.apis.registry.Product": (
        "chalicelib.apis.aliyun_vod",
        "chalicelib.apis.aliyun_sts",
    ),
    "chalicelib.apis.protocol.huawei_rest.dispatch.Product": (
        "chalicelib.apis.huawei_iam",
        "chalicelib.apis.huawei_mpc",
    ),
    "chalicelib.processing.kinds.kind_of": ("chalicelib.processing.kinds",),
}


@dataclass
class Module:
    """A module's definitions and what its imported names stand for."""

    name: str
    definitions: dict[str, ast.AST] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)


def load() -> dict[str, Module]:
    """All modules of chalicelib by their full names."""
    modules = {}
    for path in sorted((ROOT / "chalicelib").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = _module(name, ast.parse(path.read_text("utf-8")))
    return modules


def _module(name: str, tree: ast.Module) -> Module:
    module = Module(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chalicelib"):
            for alias in node.names:
                module.imports[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            module.definitions[statement.name] = statement
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    module.definitions[target.id] = statement
    return module


def reached(modules: dict[str, Module], starts: list[str]) -> dict[str, ast.AST]:
    """Every definition that can be reached, by full name (``chalicelib.store.queues.send``)."""
    found: dict[str, ast.AST] = {}
    waiting = list(starts)
    while waiting:
        target = _resolved(modules, waiting.pop())
        if target is None or target in found:
            continue
        module_name, _, name = target.rpartition(".")
        node = modules[module_name].definitions[name]
        found[target] = node
        waiting += _mentioned(modules[module_name], node)
        for prefix in DYNAMIC.get(target, ()):
            waiting += [
                f"{module.name}.{definition}"
                for module in modules.values()
                if module.name == prefix or module.name.startswith(f"{prefix}.")
                for definition in module.definitions
            ]
    return found


def _resolved(modules: dict[str, Module], name: str) -> str | None:
    """The definition behind a name that may pass through packages that import it."""
    for _ in range(5):
        module_name, _, last = name.rpartition(".")
        if module_name not in modules:
            return None
        module = modules[module_name]
        if last in module.definitions:
            return name
        if last not in module.imports:
            return None
        name = module.imports[last]
    return None


def _mentioned(module: Module, node: ast.AST) -> list[str]:
    names = []
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            names.append(module.imports.get(part.id, f"{module.name}.{part.id}"))
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            names.append(f"{module.imports.get(part.value.id, module.name)}.{part.attr}")
    return names
