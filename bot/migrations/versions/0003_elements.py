"""Elements with facts and a decision of their own; proposals and decisions name theirs."""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns that may be empty are added in place: no table is copied, so no foreign key is broken on the way.
    op.add_column("elements", sa.Column("facts", sa.LargeBinary(), nullable=True))
    op.add_column("elements", sa.Column("outcome", sa.String(length=40), nullable=True))
    op.add_column("elements", sa.Column("reason_code", sa.String(length=40), nullable=True))
    op.add_column("other_procedures", sa.Column("points", sa.JSON(), nullable=True))
    element = sa.ForeignKey("elements.id", name="fk_decisions_element_id_elements")
    op.add_column(
        "decisions", sa.Column("element_id", sa.String(length=26), element, nullable=True), inline_references=True
    )
    _give_decisions_their_element()


def _give_decisions_their_element() -> None:
    """Every case so far has one element; its proposals and its decision are about that one."""
    op.execute(
        "UPDATE decisions SET element_id = (SELECT MIN(id) FROM elements WHERE elements.case_id = decisions.case_id)"
        " WHERE NOT made_by_person OR outcome IN ('accept_stage1', 'straight_to_stage2', 'ineligible')"
    )
    op.execute(
        "UPDATE elements SET outcome = (SELECT outcome FROM cases WHERE cases.id = elements.case_id),"
        " reason_code = (SELECT reason_code FROM cases WHERE cases.id = elements.case_id)"
    )


def downgrade() -> None:
    with op.batch_alter_table("decisions") as batch_op:
        batch_op.drop_column("element_id")
    with op.batch_alter_table("other_procedures") as batch_op:
        batch_op.drop_column("points")
    for column in ("reason_code", "outcome", "facts"):
        with op.batch_alter_table("elements") as batch_op:
            batch_op.drop_column(column)
