"""Alerts: who was told of a worry, by which route, and how far it came; when the person said that they are safe."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WAITING = sa.text("acknowledged_at IS NULL")


def upgrade() -> None:
    # A column that may be empty is added in place: no table is copied, so no foreign key is broken on the way.
    op.add_column("referrals", sa.Column("safe_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_referrals_waiting", "referrals", ["raised_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("referral_id", sa.String(length=26), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("route", sa.String(length=8), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("while_away", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.String(length=26), nullable=True),
        sa.CheckConstraint("route IN ('text', 'email', 'webhook', 'none')", name=op.f("ck_alerts_route")),
        sa.CheckConstraint(
            "state IN ('owed', 'sent', 'delivered', 'failed', 'dropped')", name=op.f("ck_alerts_state")
        ),
        sa.CheckConstraint(
            "(seen_at IS NULL AND seen_by IS NULL) OR (seen_at IS NOT NULL AND seen_by IS NOT NULL)",
            name=op.f("ck_alerts_seen"),
        ),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_alerts_referral_id_referrals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("key", name=op.f("uq_alerts_key")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_alerts_provider_id")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index("ix_alerts_told", ["step", "route", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_alerts_referral_id"), ["referral_id"], unique=False)
    # Alerts owed by an older release name no step; the sweep owes anew whatever nobody has acknowledged.
    op.execute("UPDATE jobs SET state = 'done', locked_until = NULL WHERE kind = 'alert' AND state = 'ready'")


def downgrade() -> None:
    op.drop_table("alerts")
    op.drop_index("ix_referrals_waiting", table_name="referrals")
    op.drop_column("referrals", "safe_at")
