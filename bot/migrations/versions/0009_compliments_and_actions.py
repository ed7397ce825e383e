"""Compliments, and what is done because of a complaint."""

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _id(name, *, null=False):
    return sa.Column(name, sa.String(length=26), nullable=null)


def _moment(name, *, null=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _words(name, *, null=True):
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def _paired(table, name, *columns):
    nulls = " AND ".join(f"{column} IS NULL" for column in columns)
    values = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return sa.CheckConstraint(f"({nulls}) OR ({values})", name=op.f(f"ck_{table}_{name}"))


def _points_to(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "compliments",
        _id("id"),
        _id("conversation_id"),
        _id("message_id"),
        sa.Column("channel", sa.String(length=8), nullable=False),
        _moment("received_at", null=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        _words("words", null=False),
        _words("for_words"),
        sa.Column("team", sa.String(length=40), nullable=True),
        sa.Column("from_role", sa.String(length=40), nullable=True),
        sa.Column("tell", sa.String(length=8), nullable=True),
        _words("name"),
        _moment("passed_on_at"),
        _id("passed_on_by", null=True),
        _words("passed_on_to"),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint("tell IN ('named', 'unnamed')", name=op.f("ck_compliments_tell")),
        _paired("compliments", "passed_on", "passed_on_at", "passed_on_by", "passed_on_to"),
        _points_to("compliments", "conversation_id", "conversations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliments")),
        sa.UniqueConstraint("message_id", name=op.f("uq_compliments_message_id")),
    )
    op.create_table(
        "case_actions",
        _id("id"),
        _id("case_id"),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        _words("what", null=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _words("words"),
        _moment("recorded_at", null=False),
        _id("recorded_by"),
        sa.Column("done_on", sa.Date(), nullable=True),
        _id("done_by", null=True),
        _words("evidence"),
        sa.CheckConstraint("kind IN ('remedy', 'improvement')", name=op.f("ck_case_actions_kind")),
        _paired("case_actions", "done", "done_on", "done_by", "evidence"),
        _points_to("case_actions", "case_id", "cases"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_actions")),
    )
    for table, column in (
        ("compliments", "conversation_id"), ("compliments", "received_on"), ("case_actions", "case_id"),
    ):  # fmt: skip
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def downgrade() -> None:
    op.drop_table("case_actions")
    op.drop_table("compliments")
