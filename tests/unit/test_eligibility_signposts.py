"""The directory of places to go, and which of them a person is shown."""

import re
from datetime import date, timedelta

import pytest

from bot.council import load_council
from bot.eligibility import choose, decide, load_rules, load_signposts, of_place, read_facts
from bot.eligibility.signposts import SignpostsError

RULES = load_rules()
SIGNPOSTS = load_signposts()
TODAY = date(2026, 11, 23)


def chosen(place=None, today=TODAY, **facts):
    read = read_facts(facts)
    return [each.name for each in choose(decide(read, RULES, TODAY), read, SIGNPOSTS, place, today)]


def test_signposts_hold_the_directory():
    """Every place the service sends people to is in the directory."""
    wanted = (
        "emergency_999 childline samaritans shout nspcc lgsco ofsted ico family_rights_group citizens_advice "
        "send_tribunal irm police_101 other_council school solicitor corporate_complaints complaints_team "
        "coram_voice help_at_hand runaway_helpline nhs_111 domestic_abuse advocacy nothing_else"
    )
    assert set(wanted.split()) <= set(SIGNPOSTS)


def test_signpost_unverified_is_not_shown():
    """A number that nobody has confirmed is never given to anybody."""
    assert not SIGNPOSTS["nyas"].shown(date(2026, 11, 23))


def test_signpost_goes_stale_after_400_days():
    """A number is shown up to 400 days after it was checked; words alone never go stale."""
    childline = SIGNPOSTS["childline"]
    assert childline.shown(childline.verified_on + timedelta(days=400))
    assert not childline.shown(childline.verified_on + timedelta(days=401))
    assert SIGNPOSTS["school"].shown(date(2040, 1, 1))


def test_signposts_print_no_hours():
    """Opening hours change too often to be printed."""
    for signpost in SIGNPOSTS.values():
        assert not re.search(r"\b(\d{1,2}(am|pm)|24/7|24 hours|Monday|weekdays?)\b", signpost.what)


def test_load_signposts_names_entry_and_field(tmp_path):
    """An entry that cannot be read is refused by file, entry and field."""
    path = tmp_path / "signposts.yml"
    path.write_text("childline: {name: Childline, kind: help, who: Children, source: x}", "utf-8")
    with pytest.raises(SignpostsError, match=r"signposts\.yml, childline, `what`"):
        load_signposts(path)


def test_choose_gives_a_child_what_is_for_children():
    """A child in care is shown the advocate, the Children's Commissioner and Childline, not advice for parents."""
    names = chosen(complainant_role="looked_after_child", complainant_age=12, subject="court_decision")
    assert names[0] == "A solicitor"
    assert {"An advocate", "Help at Hand, the Children's Commissioner", "Childline"} <= set(names)
    assert not {"Family Rights Group", "Citizens Advice"} & set(names)


def test_choose_gives_a_parent_what_is_for_parents():
    """A parent is shown advice for families and adults, nothing that is only for children."""
    names = chosen(complainant_role="parent", complainant_age=34, subject="court_decision")
    assert names == ["A solicitor", "Family Rights Group", "Citizens Advice"]


@pytest.mark.parametrize(
    ("role", "age", "shown"),
    [
        ("looked_after_child", 18, True),
        ("looked_after_child", None, True),
        ("care_leaver", 19, False),
        ("parent", 16, True),
        ("parent", None, False),
        ("friend", 14, True),
        (None, None, True),
    ],
)
def test_childline_is_for_anyone_under_nineteen(role, age, shown):
    """A known age decides who is shown Childline; without it, the role does."""
    assert SIGNPOSTS["childline"].suits(role, age) is shown


def test_choose_shows_a_speaker_what_is_for_the_child():
    """Who speaks for a child in care is shown the child's advocate as well."""
    facts = {"complainant_role": "friend", "acting_for": "child", "child_status": "looked_after", "consent": "refused"}
    assert {"An advocate", "Coram Voice"} <= set(chosen(**facts))


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"subject": "send"}, "SEND Tribunal"),
        ({"subject": "school"}, "The school"),
        ({"responsible_body": "other_local_authority"}, "The other council"),
        ({"responsible_body": "police"}, "Police, not an emergency"),
        ({"subject": "data_protection"}, "The ICO"),
        ({"subject": "approval_of_carer"}, "Independent Review Mechanism (IRM)"),
        ({"subject": "court_report"}, "A solicitor"),
        ({"subject": "cp_conference"}, "Family Rights Group"),
        ({"subject": "non_social_care_service"}, "The council's other complaints process"),
        ({"prior": "exhausted", "new_information": False}, "The Ombudsman (LGSCO)"),
    ],
)
def test_choose_by_reason(facts, name):
    """Each reason leads to the body that can deal with it."""
    assert name in chosen(complainant_role="parent", **facts)


def test_choose_says_plainly_when_nothing_is_open():
    """After the Ombudsman no other route is open, and that is what is said; help is still offered."""
    facts = {"complainant_role": "looked_after_child", "prior": "lgsco_decided", "new_information": False}
    names = chosen(**facts)
    assert names[0] == "Nothing else is open"
    assert "An advocate" in names


@pytest.mark.parametrize("row", [row for row in RULES.rows if row.outcome == "ineligible"], ids=lambda row: row.id)
def test_rules_refusal_leads_somewhere_or_says_it_does_not(row):
    """A proposal to refuse names a route or the complaints team, or says that nothing is open, never both."""
    kinds = {SIGNPOSTS[key].kind for key in row.signposts}
    assert ("nothing" in kinds) != bool(kinds & {"route", "us"})


def test_choose_leaves_out_what_is_stale_and_never_sends_away_with_nothing():
    """When the only route has a number that is too old to show, the complaints team is named instead."""
    names = chosen(complainant_role="foster_carer", subject="approval_of_carer", today=date(2029, 1, 1))
    assert names == ["The complaints team"]


def test_choose_puts_the_councils_own_contacts_first():
    """A council's own team and advocate stand in the place of the general words, with its number and name."""
    council = load_council("default")
    place = of_place(SIGNPOSTS, {"complaints_team": council.complaints_team, "advocacy": council.advocacy})
    facts = read_facts({"complainant_role": "looked_after_child", "engagement": "not_engaging"} | {
        "contact_attempts": 3, "adjustments_offered": True})  # fmt: skip
    shown = choose(decide(facts, RULES, TODAY), facts, SIGNPOSTS, place, TODAY)
    assert council.complaints_team.phone in [each.phone for each in shown]
    assert council.advocacy.name in [each.name for each in shown]
    stale = choose(decide(facts, RULES, TODAY), facts, SIGNPOSTS, place, date(2029, 1, 1))
    assert "The complaints team" in [each.name for each in stale]


def test_of_place_refuses_an_unknown_key():
    """A contact under a key that the directory does not have is refused by name."""
    with pytest.raises(SignpostsError, match="no signpost `advocate`"):
        of_place(SIGNPOSTS, {"advocate": load_council("default").advocacy})


def test_choose_takes_a_kept_decision():
    """A decision read back from the store, with lists for tuples, chooses the same."""

    class Kept:
        reason_code = "COURT_RELATED"
        signposts = ("solicitor",)

    facts = read_facts({"complainant_role": "parent"})
    assert [each.name for each in choose(Kept(), facts, SIGNPOSTS, None, TODAY)] == [
        "A solicitor",
        "Family Rights Group",
    ]
