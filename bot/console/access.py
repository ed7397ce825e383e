"""What each role may do in the console: one table, and the pair `can` / `check_can` that reads it."""

from typing import Literal

from bot.cases.tables import Staff
from bot.errors import NotAllowed

Role = Literal["manager", "officer", "viewer"]
Permission = Literal[
    "read_cases",
    "read_reports",
    "work_cases",
    "decide_cases",
    "handle_referrals",
    "talk_to_people",
    "manage_staff",
    "own_account",
]

EVERYBODY: frozenset[Role] = frozenset({"manager", "officer", "viewer"})
CASEWORKERS: frozenset[Role] = frozenset({"manager", "officer"})
MANAGERS: frozenset[Role] = frozenset({"manager"})

# Accepting, refusing and moving to the next stage are the complaints manager's alone (regulation 10, R25). A danger is
# for whoever reads it first, so handling referrals is not.
GRANTS: dict[Permission, frozenset[Role]] = {
    "own_account": EVERYBODY,
    "read_cases": EVERYBODY,
    "read_reports": EVERYBODY,
    "work_cases": CASEWORKERS,
    "handle_referrals": CASEWORKERS,
    "talk_to_people": CASEWORKERS,
    "decide_cases": MANAGERS,
    "manage_staff": MANAGERS,
}


def can(role: str, permission: Permission) -> bool:
    """Whether a role has a permission."""
    return role in GRANTS[permission]


def check_can(role: str, permission: Permission) -> None:
    """Go on only if the role has the permission.

    Raises:
        NotAllowed: it has not; the message says who has.
    """
    if not can(role, permission):
        holders = " or ".join(sorted(GRANTS[permission]))
        raise NotAllowed(f"Your role ({role}) does not allow this. Ask somebody whose role is {holders}.")


def can_deactivate(member: Staff, *, by: Staff) -> bool:
    """Whether one may end another's account; nobody ends their own, so that a manager always remains."""
    return can(by.role, "manage_staff") and member.active and member.id != by.id


def check_can_deactivate(member: Staff, *, by: Staff) -> None:
    """Go on only if `by` may end the account of `member`.

    Raises:
        NotAllowed: they may not manage staff, or it is their own account.
    """
    check_can(by.role, "manage_staff")
    if member.id == by.id:
        raise NotAllowed("You cannot deactivate your own account. Ask another manager.")
