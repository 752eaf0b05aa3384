"""Where the actions are."""

SERVICE = "tiny"

ACTIONS = dict.fromkeys(
    ("Echo", "Shapes", "Fail", "Require", "OwnResource"), "tests.protocol.tiny_product.actions"
)
