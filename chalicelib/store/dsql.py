"""Aurora DSQL: its address and the IAM token that stands in for a password."""

from typing import Any
from urllib.parse import quote, urlencode

import botocore.session
import certifi

# DSQL ends a connection after 60 minutes; one that is nearly that old is not begun on again.
CONNECTION_SECONDS = 55 * 60
# The token is looked at when a connection is made, never again.
_TOKEN_SECONDS = 900


def database_url(endpoint: str) -> str:
    """A libpq URL with a fresh token, good for connecting in the next 15 minutes. It is a secret.

    ``endpoint``: ``{cluster}.dsql.{region}.on.aws``. The certificate is checked against the
    well-known authorities, among which is Amazon's, because a token given to another host would
    open the database.
    """
    region = endpoint.split(".")[2]
    client: Any = botocore.session.get_session().create_client("dsql", region_name=region)
    token = client.generate_db_connect_admin_auth_token(endpoint, region, ExpiresIn=_TOKEN_SECONDS)
    options = urlencode({"sslmode": "verify-full", "sslrootcert": certifi.where()})
    return f"postgresql://admin:{quote(token, safe='')}@{endpoint}:5432/postgres?{options}"
