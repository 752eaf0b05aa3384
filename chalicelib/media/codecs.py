"""Encoders' arguments. `{n}` is not for these: every option names its output stream itself."""
