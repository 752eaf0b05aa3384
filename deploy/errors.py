"""What keeps a deployment from going on."""


class DeployError(Exception):
    """One clear line for the operator: what is wrong, and what to do about it."""
