"""Holds, letters, other procedures and onward referrals; secondary codes of a proposal."""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RUNNING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.String(length=26), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=26), nullable=True),
        sa.CheckConstraint(
            "kind IN ('frozen', 'consent', 'legal_view', 'lateness', 'sufficient_interest', 'safeguarding')",
            name=op.f("ck_holds_kind"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL AND ended_by IS NULL) OR (ended_at IS NOT NULL AND ended_by IS NOT NULL)",
            name=op.f("ck_holds_ended"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_holds_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_holds_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_holds_running", ["case_id", "kind"], unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING
        )

    op.create_table(
        "letters",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_by", sa.String(length=26), nullable=True),
        sa.Column("route", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "kind IN ('acknowledgement', 'refusal', 'freeze', 'accepted_late', 'consent', 'onward', 'moved')",
            name=op.f("ck_letters_kind"),
        ),
        sa.CheckConstraint(
            "(sent_on IS NULL AND sent_by IS NULL AND route IS NULL) OR (sent_on IS NOT NULL AND sent_by IS NOT NULL AND route IS NOT NULL)",
            name=op.f("ck_letters_sent"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_letters_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letters_case_id"), ["case_id"], unique=False)

    op.create_table(
        "other_procedures",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("procedure", sa.String(length=20), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.String(length=26), nullable=False),
        sa.Column("acknowledge_by", sa.Date(), nullable=True),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("latest_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("finding", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "procedure IN ('corporate', 'data_protection', 'education', 'school')",
            name=op.f("ck_other_procedures_procedure"),
        ),
        sa.CheckConstraint("due_on <= latest_on", name=op.f("ck_other_procedures_due_before_latest")),
        sa.CheckConstraint(
            "(answered_on IS NULL AND finding IS NULL) OR (answered_on IS NOT NULL AND finding IS NOT NULL)",
            name=op.f("ck_other_procedures_answered"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_other_procedures_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_procedures")),
        sa.UniqueConstraint("case_id", "procedure", name="uq_other_procedures_once"),
    )
    with op.batch_alter_table("other_procedures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_other_procedures_case_id"), ["case_id"], unique=False)

    op.create_table(
        "onward_referrals",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to", sa.String(length=120), nullable=False),
        sa.Column("consent_by", sa.String(length=40), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=False),
        sa.Column("passed_on", sa.Date(), nullable=False),
        sa.Column("passed_by", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_onward_referrals_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onward_referrals")),
    )
    with op.batch_alter_table("onward_referrals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_onward_referrals_case_id"), ["case_id"], unique=False)

    # A column that may be empty is added in place: no table is copied, so no foreign key is broken on the way.
    op.add_column("decisions", sa.Column("secondary", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("decisions", "secondary")
    op.drop_table("onward_referrals")
    op.drop_table("other_procedures")
    op.drop_table("letters")
    op.drop_table("holds")
