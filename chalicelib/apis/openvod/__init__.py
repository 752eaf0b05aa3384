"""OpenVOD's own actions, API 2026-11-01: what the vendors leave to their customers to build."""
