"""The session's stack, a customer with the current SDK, and a receiver of all callbacks."""

from collections.abc import Iterator

import pytest

from tests.e2e.callbacks import Callbacks, receiving
from tests.sdk.customer import Customer
from tests.sdk.driver import Sdk
from tests.stack_fixture import Stack, shared_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # What the logs hold can be judged only when everything else has been logged.
    items.sort(key=lambda item: item.path.name == "test_logs.py")


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return shared_stack(request.config, tmp_path_factory)


@pytest.fixture(scope="session")
def sdk() -> Iterator[Sdk]:
    process = Sdk("tea")
    yield process
    process.close()


@pytest.fixture(scope="session")
def customer(stack: Stack, sdk: Sdk) -> Customer:
    return Customer(stack, sdk)


@pytest.fixture(scope="session")
def callbacks(customer: Customer) -> Iterator[Callbacks]:
    """Receives every event of the account; subscribed before anything is uploaded."""
    with receiving() as callbacks:
        callbacks.subscribe(customer)
        yield callbacks
