"""Huawei Cloud's REST protocol: a method and a path per operation (MPC API manual 3 and 14)."""
