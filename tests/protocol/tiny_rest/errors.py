"""Errors as MPC tells them, and one of the product's own."""

from chalicelib.apis.huawei_mpc.errors import ERRORS as MPC
from chalicelib.apis.huawei_mpc.errors import UNEXPECTED
from chalicelib.apis.protocol.huawei_rest.errors import Errors, fixed

__all__ = ["ERRORS", "UNEXPECTED", "Lost"]


class Lost(Exception):
    """Something of the domain is not there."""


ERRORS: Errors = {**MPC, Lost: fixed("TINY.0001", "It is lost.")}
