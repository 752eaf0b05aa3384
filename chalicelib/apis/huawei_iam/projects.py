"""The account's one project, which clients look up by the name of their region (manual 14.3).

A deployment is one region. Clients come with the name of the vendor's region that they left, so any
name that could be a region's is another name of the project.
"""

import re

from pydantic import Field

from chalicelib.apis.protocol.huawei_rest.operation import RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.projects import domain_id, project_id
from chalicelib.identity.caller import Caller
from chalicelib.settings import settings

_REGION = re.compile(r"[a-z]{2}-[a-z]{2,20}-[0-9]{1,3}")


def is_project_name(name: str) -> bool:
    """Whether a project could have this name: the deployment's region, or one of the vendor's."""
    return name == settings().region or _REGION.fullmatch(name) is not None


class Links(RestResult):
    """Where there is more; there never is."""

    self: str
    next: str | None = None
    previous: str | None = None


class Project(RestResult):
    """A project as a list has it."""

    id: str
    name: str
    domain_id: str
    parent_id: str
    is_domain: bool = False
    enabled: bool = True
    description: str = ""
    links: Links


class Projects(RestResult):
    """All projects that fit."""

    projects: list[Project]
    links: Links

    def body(self) -> str:
        """With the nulls that the manual's sample has."""
        return self.model_dump_json()


class ListProjects(RestOperation):
    """The projects of the caller's account; ``name`` leaves those of this name (manual 14.3)."""

    name: str | None = Field(default=None, max_length=64)

    def perform(self, caller: Caller) -> Projects:
        name = self.name or settings().region
        found = [_project(caller.account_id, name)] if is_project_name(name) else []
        return Projects(projects=found, links=Links(self=_url()))


class ListAuthProjects(ListProjects):
    """The projects that the caller may use, which are all of the account."""


class Domain(RestResult):
    """An account as a list has it."""

    id: str
    name: str
    enabled: bool = True
    description: str = ""
    links: Links


class Domains(RestResult):
    """All accounts that fit."""

    domains: list[Domain]
    links: Links

    def body(self) -> str:
        return self.model_dump_json()


class ListAuthDomains(RestOperation):
    """The account of the caller."""

    def perform(self, caller: Caller) -> Domains:
        url = f"{settings().public_url}/v3/auth/domains"
        own = domain_id(caller.account_id)
        domain = Domain(id=own, name=caller.account_id, links=Links(self=f"{url}/{own}"))
        return Domains(domains=[domain], links=Links(self=url))


def _project(account_id: str, name: str) -> Project:
    own = project_id(account_id)
    domain = domain_id(account_id)
    links = Links(self=f"{_url()}/{own}")
    return Project(id=own, name=name, domain_id=domain, parent_id=domain, links=links)


def _url() -> str:
    return f"{settings().public_url}/v3/projects"
