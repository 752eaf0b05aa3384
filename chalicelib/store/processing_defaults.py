"""What an application uses where a request names nothing: the table ``processing_defaults``."""

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, one
from chalicelib.store.visibility import require_writable


class ProcessingDefaults(BaseModel):
    """Empty ids: nothing was chosen."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    template_group_id: str = ""
    watermark_id: str = ""


_NONE = ProcessingDefaults()


def get_defaults(tx: Transaction, account_id: str, app_id: str) -> ProcessingDefaults:
    """The defaults of one application."""
    row = one(
        tx,
        "SELECT * FROM processing_defaults"
        " WHERE account_id = %(account_id)s AND app_id = %(app_id)s",
        account_id=account_id,
        app_id=app_id,
    )
    return ProcessingDefaults.model_validate(row) if row else _NONE


def change_defaults(
    tx: Transaction,
    account_id: str,
    app_id: str,
    *,
    template_group_id: str | None = None,
    watermark_id: str | None = None,
) -> None:
    """Set what is given, and count the revision up.

    Called without either by whatever must not run beside another change of the same application:
    of two transactions that count up, one waits or is tried again. Raises NotWritable.
    """
    require_writable(app_id)
    change(
        tx,
        """
        INSERT INTO processing_defaults
                    (account_id, app_id, template_group_id, watermark_id, revision)
        VALUES (%(account_id)s, %(app_id)s, coalesce(%(template_group_id)s, ''),
                coalesce(%(watermark_id)s, ''), 1)
        ON CONFLICT (account_id, app_id) DO UPDATE SET
               template_group_id = coalesce(%(template_group_id)s,
                                            processing_defaults.template_group_id),
               watermark_id = coalesce(%(watermark_id)s, processing_defaults.watermark_id),
               revision = processing_defaults.revision + 1
        """,
        account_id=account_id,
        app_id=app_id,
        template_group_id=template_group_id,
        watermark_id=watermark_id,
    )
