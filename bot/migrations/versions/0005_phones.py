"""Code words, shared telephones, safe hours and the one reminder."""

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reference", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("code_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("code_tries", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("code_barred_until", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("phone_since", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("code_asked_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("nudged_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("safe_hours", sa.String(length=20), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_conversations_reference"), ["reference"])
    # Each number has had one conversation until now: it is that person's.
    op.execute("UPDATE conversations SET phone_since = started_at WHERE phone_key IS NOT NULL")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.alter_column("code_tries", existing_type=sa.Integer(), server_default=None)
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reminded_at", MOMENT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_column("reminded_at")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_conversations_reference"), type_="unique")
        for column in (
            "safe_hours", "nudged_at", "code_asked_at", "phone_since", "code_barred_until", "code_tries", "code_hash",
            "reference",
        ):
            batch_op.drop_column(column)
