"""Every procedure a contact goes on under has its own type of record."""

from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = ("statutory", "corporate", "enquiry", "compliment", "suggestion")
ADDED = ("data_protection", "education", "school")


def upgrade() -> None:
    _allow((*BEFORE[:2], *ADDED, *BEFORE[2:]))
    op.execute(
        "UPDATE cases SET record_type = (SELECT procedure FROM other_procedures AS newest"
        " WHERE newest.case_id = cases.id ORDER BY begun_at DESC LIMIT 1)"
        " WHERE id IN (SELECT case_id FROM other_procedures)"
    )


def downgrade() -> None:
    op.execute(f"UPDATE cases SET record_type = 'statutory' WHERE record_type IN ({_listed(ADDED)})")
    _allow(BEFORE)


def _allow(types: tuple[str, ...]) -> None:
    name, rule = op.f("ck_cases_record_type"), f"record_type IN ({_listed(types)})"
    with op.batch_alter_table("cases") as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, rule)


def _listed(types: tuple[str, ...]) -> str:
    return ", ".join(f"'{each}'" for each in types)
