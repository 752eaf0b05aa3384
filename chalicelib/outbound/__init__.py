"""Calling addresses that others chose: only where they may lead, and only for so long."""
