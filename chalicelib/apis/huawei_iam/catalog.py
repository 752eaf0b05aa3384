"""Where each operation is, on the wire and in this package (MPC API manual 3.1, 14.3).

Whoever has a key or a token may ask for what it is good for; policies do not matter here.
"""

from chalicelib.apis.protocol.huawei_rest.operation import Route

SERVICE = "iam"

ROUTES: dict[str, Route] = {
    "CreateUserToken": Route("POST", "/v3/auth/tokens", 201, 400, "anybody"),
    "ListProjects": Route("GET", "/v3/projects", 200, 400, "authenticated"),
    "ListAuthProjects": Route("GET", "/v3/auth/projects", 200, 400, "authenticated"),
    "ListAuthDomains": Route("GET", "/v3/auth/domains", 200, 400, "authenticated"),
}

_TOKENS, _PROJECTS = f"{__package__}.tokens", f"{__package__}.projects"

ACTIONS: dict[str, str] = {
    "CreateUserToken": _TOKENS,
    "ListProjects": _PROJECTS,
    "ListAuthProjects": _PROJECTS,
    "ListAuthDomains": _PROJECTS,
}
