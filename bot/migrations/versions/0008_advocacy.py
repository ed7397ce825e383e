"""Offers of an advocate with their occasion and words; referrals to the provider; the advocates' door."""

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = "kind IN ('turn', 'text', 'alert', 'advocate')"
KINDS_BEFORE = "kind IN ('turn', 'text', 'alert')"
OCCASIONS = "occasion IN ('start', 'asked', 'thinking', 'refusal', 'stage', 'silence')"


def _id(name, *more, null=False):
    return sa.Column(name, sa.String(length=26), *more, nullable=null)


def _moment(name, *, null=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _paired(table, name, *columns):
    nulls = " AND ".join(f"{column} IS NULL" for column in columns)
    values = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return sa.CheckConstraint(f"({nulls}) OR ({values})", name=op.f(f"ck_{table}_{name}"))


def _points_to(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _jobs_may_be(kinds):
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_jobs_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_jobs_kind"), kinds)


def upgrade() -> None:
    _jobs_may_be(KINDS)
    with op.batch_alter_table("advocacy_offers", schema=None) as batch_op:
        batch_op.add_column(_id("offered_by", sa.DefaultClause("assistant")))
        batch_op.add_column(sa.Column("occasion", sa.String(length=10), server_default="start", nullable=False))
        batch_op.add_column(sa.Column("channel", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("words", sa.String(length=1000), nullable=True))
        batch_op.add_column(_id("letter_id", null=True))
        batch_op.add_column(sa.Column("once", sa.String(length=60), nullable=True))
        batch_op.create_check_constraint(op.f("ck_advocacy_offers_occasion"), OCCASIONS)
        batch_op.create_index("ix_advocacy_offers_once", ["once"], unique=True)

    op.create_table(
        "advocacy_referrals",
        _id("id"),
        _id("conversation_id"),
        _id("case_id", null=True),
        sa.Column("provider", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        _moment("asked_at", null=False),
        sa.Column("share", sa.JSON(), nullable=False),
        _moment("consented_at"),
        sa.Column("consent_words", sa.LargeBinary(), nullable=True),
        sa.Column("route", sa.String(length=8), nullable=True),
        _moment("sent_at"),
        _moment("due_at"),
        _moment("chased_at"),
        _moment("to_person_at"),
        _moment("answered_at"),
        _id("answered_by", null=True),
        sa.CheckConstraint(
            "state IN ('consent', 'owed', 'sent', 'by_hand', 'accepted', 'declined', 'not_reached', 'withdrawn')",
            name=op.f("ck_advocacy_referrals_state"),
        ),
        _paired("advocacy_referrals", "consented", "consented_at", "consent_words"),
        _paired("advocacy_referrals", "sent", "sent_at", "route"),
        _paired("advocacy_referrals", "answered", "answered_at", "answered_by"),
        _points_to("advocacy_referrals", "conversation_id", "conversations"),
        _points_to("advocacy_referrals", "case_id", "cases"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advocacy_referrals")),
    )
    _index("advocacy_referrals", "conversation_id", "case_id", "state")

    op.create_table(
        "advocate_doors",
        _id("id"),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=120), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        _moment("made_at", null=False),
        _id("made_by"),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=True),
        _moment("expires_at", null=False),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        _moment("locked_until"),
        _moment("opened_at"),
        _moment("closed_at"),
        _id("closed_by", null=True),
        sa.CheckConstraint("kind IN ('advocate', 'childrens_rights_officer')", name=op.f("ck_advocate_doors_kind")),
        _paired("advocate_doors", "closed", "closed_at", "closed_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advocate_doors")),
    )

    op.create_table(
        "authorities",
        _id("id"),
        _id("door_id"),
        _id("referral_id", null=True),
        _id("conversation_id", null=True),
        _id("thread_id", null=True),
        _id("case_id", null=True),
        sa.Column("scope", sa.JSON(), nullable=False),
        _moment("given_at", null=False),
        sa.Column("given_by", sa.String(length=12), nullable=False),
        _moment("changed_at"),
        _moment("withdrawn_at"),
        sa.CheckConstraint("given_by IN ('young_person', 'advocate')", name=op.f("ck_authorities_given_by")),
        _points_to("authorities", "door_id", "advocate_doors"),
        _points_to("authorities", "referral_id", "advocacy_referrals"),
        _points_to("authorities", "conversation_id", "conversations"),
        _points_to("authorities", "thread_id", "conversations"),
        _points_to("authorities", "case_id", "cases"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorities")),
    )
    _index("authorities", "door_id", "referral_id", "conversation_id", "case_id")


def _index(table, *columns):
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def downgrade() -> None:
    op.drop_table("authorities")
    op.drop_table("advocate_doors")
    op.drop_table("advocacy_referrals")
    with op.batch_alter_table("advocacy_offers", schema=None) as batch_op:
        batch_op.drop_index("ix_advocacy_offers_once")
        batch_op.drop_constraint(op.f("ck_advocacy_offers_occasion"), type_="check")
        for column in ("offered_by", "occasion", "channel", "words", "letter_id", "once"):
            batch_op.drop_column(column)
    _jobs_may_be(KINDS_BEFORE)
