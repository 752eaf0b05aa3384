"""The CloudFront KeyValueStore from which the edge function reads the play domains."""

from typing import Any

from chalicelib.store.aws import key_value_store

# AWS takes at most this many keys at once.
_BATCH = 50


def replace_all(store_arn: str, values: dict[str, str]) -> int:
    """Make the store hold these values and no others; returns how many keys changed.

    Callable as often as wished. Two callers at once: the one with the older version of the store
    fails with a conflict and may call again.
    """
    client: Any = key_value_store()
    etag = client.describe_key_value_store(KvsARN=store_arn)["ETag"]
    pages = client.get_paginator("list_keys").paginate(KvsARN=store_arn)
    present = {item["Key"]: item["Value"] for page in pages for item in page.get("Items", [])}
    changes: list[tuple[str, dict[str, str]]] = [
        ("Puts", {"Key": key, "Value": value})
        for key, value in values.items()
        if present.get(key) != value
    ]
    changes += [("Deletes", {"Key": key}) for key in present if key not in values]
    for at in range(0, len(changes), _BATCH):
        batch = changes[at : at + _BATCH]
        grouped = {
            kind: [item for name, item in batch if name == kind]
            for kind in {name for name, _ in batch}
        }
        etag = client.update_keys(KvsARN=store_arn, IfMatch=etag, **grouped)["ETag"]
    return len(changes)
