"""The prober finds nothing wrong with a whole stack, over HTTP, by the facts alone."""

from tests.contract.prober import Client, probe
from tests.stack_fixture import Stack


def test_the_prober_finds_nothing_wrong(stack: Stack) -> None:
    keys = stack.credentials
    client = Client(f"http://{stack.endpoint}", keys["access_key_id"], keys["access_key_secret"])
    findings = probe(client)
    assert not findings.problems, "\n".join(findings.problems)
    assert findings.requests > 200
