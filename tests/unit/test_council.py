"""Profiles: all that is local stands in one file, and what is wrong with it is said by file, field and remedy."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot import clocks
from bot.council import (
    CANONICAL_CATEGORIES,
    COUNCILS,
    DRAMA_NUMBERS,
    canonical_categories,
    known_councils,
    load_council,
)
from bot.demo.stories import load_material
from bot.eligibility import load_signposts
from bot.errors import ProfileError
from bot.service import Service
from bot.settings import Settings
from bot.understanding.stories import read_place
from bot.words import LANGUAGES, load_language

ENGLISH = load_language(LANGUAGES / "en.yml").spoken

SHIPPED = ("default", "kent", "leicestershire", "peterborough")
REAL = SHIPPED[1:]
TODAY = date(2026, 11, 22)
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday"]
CONTACTS = ("complaints_team", "advocacy", "front_door", "duty", "emergency_duty_team")

each_shipped = pytest.mark.parametrize("name", SHIPPED)
each_real = pytest.mark.parametrize("name", REAL)


def contacts_of(council):
    return [contact for _, contact in council.contacts()]


def at(text):
    """A moment given by the clock in England."""
    return datetime.fromisoformat(text).replace(tzinfo=clocks.ENGLAND)


@pytest.fixture
def profile():
    """The neutral profile as data, to be spoilt."""
    return yaml.safe_load((COUNCILS / "default.yml").read_text())


@pytest.fixture
def faults(tmp_path):
    """What loading says of a spoilt profile."""

    def told(data):
        (tmp_path / "mine.yml").write_text(data if isinstance(data, str) else yaml.safe_dump(data))
        with pytest.raises(ProfileError) as refused:
            load_council("mine", tmp_path)
        return str(refused.value)

    return told


# --- the four that ship ----------------------------------------------------------------------------------------------


def test_four_profiles_ship():
    """The neutral profile and the three from the reports, and nothing else, can be chosen."""
    assert known_councils() == list(SHIPPED)


@each_shipped
def test_switching_council_is_one_setting(name, monkeypatch, settings, tmp_path):
    """With SPEAKUP_COUNCIL alone changed, the service is that council's."""
    for field in ("secret_key", "field_keys", "hash_key", "rasa_secret", "actions_secret"):
        monkeypatch.setenv(f"SPEAKUP_{field.upper()}", getattr(settings, field))
    monkeypatch.setenv("SPEAKUP_HOME", str(tmp_path))
    monkeypatch.setenv("SPEAKUP_COUNCIL", name)

    service = Service.load(Settings.load())

    assert service.council == load_council(name)
    assert service.council.short_name.lower().startswith(name if name != "default" else "anytown")


@each_shipped
def test_shipped_profile_is_marked_as_invented(name):
    """Each says that it is made up, in whole or in part, so that every page carries the banner."""
    assert load_council(name).invented


@each_real
def test_no_number_of_a_real_council_is_told_unverified(name):
    """Nobody has rung a number of these profiles, so none is told: not today, not on any other day."""
    for contact in contacts_of(load_council(name)):
        assert contact.verified_on is None
        assert contact.told(TODAY) is None
        assert contact.told(date.max) is None


@each_shipped
def test_number_that_is_no_drama_number_is_told_only_if_verified(name):
    """A number that could ring somebody is never told on trust."""
    for contact in contacts_of(load_council(name)):
        digits = (contact.phone or "").replace(" ", "")
        assert digits.startswith(DRAMA_NUMBERS) or contact.told(TODAY) is None


@each_shipped
def test_number_is_marked_unless_it_is_a_providers_own(name):
    """The only telephone number that is not made up is NYAS's, and that one is unconfirmed."""
    council = load_council(name)
    own = {each.phone for each in contacts_of(council) if not each.phone.replace(" ", "").startswith(DRAMA_NUMBERS)}
    assert own <= {"0808 808 1001"}
    assert own <= {load_signposts()["nyas"].phone}


@each_shipped
def test_every_category_has_a_canonical_one(name):
    """Each council's own list can be compared with any other's."""
    council = load_council(name)
    assert {council.canonical_category(each.key) for each in council.categories} <= set(canonical_categories())


@each_shipped
def test_word_for_a_team_never_means_another(name):
    """A story that names a team by its name or an alias is proposed for that team, or for none."""
    council = load_council(name)
    for team in council.teams:
        for word in (team.name, *team.aliases):
            assert read_place(word, council).get("team") in (team.key, None)


def test_canonical_categories_are_the_twelve_of_the_printed_lists():
    """The one list holds what the reports' lists share, with money, child protection and other."""
    assert len(canonical_categories()) == 12
    assert {"delay_or_failed_service", "disputed_decision", "money", "child_protection"} <= set(canonical_categories())
    assert CANONICAL_CATEGORIES.stem not in known_councils()


def test_neutral_profile_keeps_the_keys_the_demonstration_uses():
    """Stories of the demonstration year name teams and categories by the neutral profile's keys."""
    council = load_council("default")
    stories = [story for kind in load_material().stories.values() for story in kind]
    assert {story.team for story in stories} <= {team.key for team in council.teams}
    assert {story.category for story in stories} <= {each.key for each in council.categories}


def test_kent_has_its_sixteen_subjects():
    """Kent sorts by the sixteen subjects of its annex; attitude and behaviour of staff compare as one."""
    kent = load_council("kent")
    assert len(kent.categories) == 16
    assert kent.canonical_category("staff_attitude") == kent.canonical_category("staff_conduct") == "staff_conduct"
    assert kent.canonical_category("kinship_payments") == "money"


def test_peterborough_has_the_ten_categories_and_the_one_they_hide():
    """Disputed decision is added to the ten, and marked as ours."""
    peterborough = load_council("peterborough")
    assert len(peterborough.categories) == 11
    assert peterborough.is_invented("categories.disputed_decision")
    assert not peterborough.is_invented("categories.delay")


def test_facts_of_the_reports_are_in_the_profiles():
    """Acknowledgement by day 3, 72 hours, three months, and the front doors and advocates stand as printed."""
    peterborough, leicestershire, kent = (load_council(name) for name in ("peterborough", "leicestershire", "kent"))
    assert (peterborough.acknowledgement_days, peterborough.informal_limit_hours) == (3, 72)
    assert (leicestershire.adr_cap_months, leicestershire.informal_limit_hours) == (3, None)
    assert [each.front_door.name for each in (peterborough, leicestershire)] == ["MASH", "First Response"]
    assert [each.advocacy.name for each in (peterborough, leicestershire, kent)] == [
        "NYAS", "Children's Rights Officers", "Upfront",
    ]  # fmt: skip
    printed = ("acknowledgement_days", "informal_limit_hours", "front_door.name", "advocacy.name", "child_protection")
    assert not any(peterborough.is_invented(field) for field in printed)
    assert not leicestershire.is_invented("adr_cap_months")
    assert kent.is_invented("adr_cap_months")


@pytest.mark.parametrize(
    ("name", "day", "scope"),
    [
        ("kent", date(2006, 8, 31), "outside"),
        ("kent", date(2006, 9, 1), "inside"),
        ("kent", date(2008, 3, 31), "inside"),
        ("kent", TODAY, "outside"),
        ("peterborough", date(2023, 6, 1), "outside"),
        ("leicestershire", TODAY, "outside"),
    ],
)
def test_child_protection_scope_depends_on_the_day(name, day, scope):
    """Kent held child protection inside in 2007-08; where a profile is silent the law of today holds."""
    assert load_council(name).child_protection_scope(day) == scope


def test_renamed_team_is_found_by_the_name_of_its_year():
    """First Response of 2014-15 is the Assessment Team; the same words mean nothing of the kind in 2023-24."""
    council = load_council("peterborough")
    assert council.team_printed_as("First Response", date(2015, 1, 1)).key == "assessment"
    assert council.team_printed_as("First Response", date(2024, 1, 1)) is None
    assert council.team_printed_as("leaving  CARE", date(2024, 1, 1)).key == "leaving_care"
    assert council.category_printed_as("Delay/Failed Service", date(2014, 5, 1)).key == "delay"


def test_local_signpost_is_the_profiles_contact():
    """Entries of the directory that have only words there are reached through the profile; others are not."""
    council = load_council("default")
    assert council.signpost("complaints_team") == council.complaints_team
    assert council.signpost("corporate_complaints").told(TODAY)
    assert council.signpost("childline") is None


def test_unlisted_team_and_category_show_their_keys():
    """A key the profile no longer lists is shown itself, and compares under nothing."""
    council = load_council("default")
    assert (council.team_name("gone"), council.category_name(None)) == ("gone", "Not yet known")
    assert council.canonical_category("gone") is None


def test_unverified_number_is_not_told():
    """A number nobody has checked lately is kept from people."""
    contact = load_council("default").advocacy
    assert contact.told(TODAY) == contact.phone
    assert contact.told(contact.verified_on + timedelta(days=400)) == contact.phone
    assert contact.told(contact.verified_on + timedelta(days=401)) is None


# --- office hours ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T08:59", False),
        ("2026-11-23T09:00", True),
        ("2026-11-23T16:59", True),
        ("2026-11-23T17:00", False),
        ("2026-11-22T11:00", False),  # a Sunday
        ("2026-12-25T11:00", False),  # Christmas Day, a Friday
        ("2026-12-28T11:00", False),  # Boxing Day's bank holiday, a Monday
    ],
)
def test_office_is_open_in_its_hours(moment, is_open):
    """From nine to five on working days, at neither end a minute more."""
    assert load_council("default").is_open(at(moment)) is is_open


def test_office_hours_are_hours_in_england():
    """In summer nine o'clock is eight by UTC."""
    council = load_council("default")
    assert council.is_open(datetime(2026, 7, 1, 8, 0, tzinfo=UTC))
    assert not council.is_open(datetime(2026, 7, 1, 16, 0, tzinfo=UTC))


def test_proclaimed_holiday_shuts_the_office():
    """A bank holiday that only the profile knows counts as one."""
    council = load_council("default").model_copy(update={"extra_holidays": frozenset({date(2026, 11, 23)})})
    assert not council.is_open(at("2026-11-23T11:00"))


def test_moment_without_zone_is_refused():
    """Nobody is told that the office is open by a clock that may stand anywhere."""
    with pytest.raises(ValueError, match="time zone"):
        load_council("default").is_open(datetime(2026, 11, 23, 11, 0))  # noqa: DTZ001 # the point of the test


COUNCIL = load_council("default")


@given(minutes=st.integers(min_value=0, max_value=6 * 365 * 24 * 60))
def test_open_office_means_a_working_day(minutes):
    """The office is never open on a day that is no working day of the procedure."""
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert clocks.is_working_day(clocks.local_day(moment)) or not COUNCIL.is_open(moment)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (
            [(["monday", "tuesday", "wednesday", "thursday", "friday"], "09:00", "17:00")],
            "Monday to Friday, 9am to 5pm",
        ),
        ([(["tuesday", "monday"], "08:30", "12:00")], "Monday and Tuesday, 8:30am to midday"),
        ([(["monday", "wednesday", "friday"], "10:00", "16:15")], "Monday, Wednesday and Friday, 10am to 4:15pm"),
        (
            [(["monday", "tuesday", "wednesday"], "09:00", "17:00"), (["friday"], "09:00", "13:00")],
            "Monday to Wednesday, 9am to 5pm; Friday, 9am to 1pm",
        ),
    ],
)
def test_office_hours_are_said_as_they_are(profile, tmp_path, hours, words):
    """The words people read are made from the same hours that decide whether the office is open."""
    profile["opening_hours"] = [dict(zip(("days", "opens", "closes"), entry, strict=True)) for entry in hours]
    (tmp_path / "mine.yml").write_text(yaml.safe_dump(profile))
    assert ENGLISH.opening_hours(load_council("mine", tmp_path).opening_hours) == words


# --- faults ----------------------------------------------------------------------------------------------------------


def teams(profile):
    return {team["key"]: team for team in profile["teams"]}


FAULTS = {
    "missing": (lambda p: p.pop("duty"), ("duty: ", "add it")),
    "missing inside": (lambda p: p["teams"][2].pop("name"), ("teams.looked_after.name: ", "add it")),
    "unknown": (lambda p: p.update(colour="blue"), ("colour: ", "remove it, or correct its spelling")),
    "misspelt": (lambda p: p.update(oppening_hours=p["opening_hours"]), ("oppening_hours: ", "perhaps opening_hours")),
    "number for a name": (lambda p: p.update(short_name=7), ("short_name: ", "in quotes")),
    "no front door": (lambda p: p.pop("front_door"), ("front_door: ", "add it")),
    "duty nobody can reach": (
        lambda p: p.update(duty={"name": "Jo", "web": "https://anytown.example.org/duty"}),
        ("duty: nobody here can be told of a danger", "give a phone or an email"),
    ),
    "front door nobody can reach": (
        lambda p: p.update(front_door={"name": "Jo", "web": "https://anytown.example.org/door"}),
        ("front_door: ", "give a phone or an email"),
    ),
    "steps out of order": (
        lambda p: p["escalation"]["steps"].reverse(),
        ("escalation.steps: the steps are not in order", "the soonest first"),
    ),
    "step of a taken name": (
        lambda p: p["escalation"]["steps"][0].update(key="duty"),
        ("escalation.steps: the key 'duty' is taken", "a key of its own"),
    ),
    "step at no hour": (
        lambda p: p["escalation"]["steps"][0].update(hours="nights"),
        ("escalation.steps.complaints_manager.hours: ", "'out_of_office'"),
    ),
    "step without a time": (
        lambda p: p["escalation"]["steps"][0].pop("after_minutes"),
        ("escalation.steps.complaints_manager.after_minutes: ", "add it"),
    ),
    "step that is made up and not marked": (
        lambda p: p.update(invented=["duty"]),
        ("escalation.steps.head_of_service.phone: 07700 900160 is made up",),
    ),
    "help line that is none": (
        lambda p: p["crisis_helplines"].append("childlin"),
        ("crisis_helplines: there is no entry childlin", "signposts.yml"),
    ),
    "number for a telephone": (lambda p: p["duty"].update(phone=7700900140), ("duty.phone: ", "in quotes")),
    "telephone that is none": (lambda p: p["duty"].update(phone="ask Jo"), ("duty.phone: ", "'ask Jo'", "area code")),
    "telephone cut short": (lambda p: p["duty"].update(phone="07700 9"), ("duty.phone: ", "area code")),
    "words for a number": (lambda p: p.update(acknowledgement_days="soon"), ("acknowledgement_days: ", "whole number")),
    "number out of bounds": (lambda p: p.update(acknowledgement_days=9), ("acknowledgement_days: ", "5")),
    "months out of bounds": (lambda p: p.update(adr_cap_months=0), ("adr_cap_months: ", "1")),
    "days in the wrong order": (
        lambda p: p.update(education_days={"answer": 20, "answer_at_most": 10}),
        ("education_days: ", "answer_at_most 10 is less than answer 20", "raise it"),
    ),
    "no day": (lambda p: p["duty"].update(verified_on="lately"), ("duty.verified_on: ", "2026-11-02")),
    "words for a list": (lambda p: p.update(teams="all"), ("teams: ", "write it as a list")),
    "words for fields": (lambda p: p.update(advocacy="NYAS"), ("advocacy: ", "fields with values")),
    "no teams": (lambda p: p.update(teams=[]), ("teams: ", "give at least one")),
    "no e-mail address": (lambda p: p["advocacy"].update(email="nowhere"), ("advocacy.email: ", "correct it")),
    "webhook without its address": (
        lambda p: p["advocacy"].update(referrals={"by": "webhook"}),
        ("advocacy.referrals: ", "give webhook"),
    ),
    "webhook that is not encrypted": (
        lambda p: p["advocacy"].update(referrals={"by": "webhook", "webhook": "http://voices.example.org/in"}),
        ("advocacy.referrals: ", "https://", "a child's name"),
    ),
    "referrals to nowhere": (
        lambda p: (p["advocacy"].pop("email"), p["advocacy"].update(referrals={"by": "email"})),
        ("advocacy: ", "there is no email"),
    ),
    "hours that never end": (
        lambda p: p["advocacy"]["referrals"].update(answer_hours=9000),
        ("advocacy.referrals.answer_hours: ", "336"),
    ),
    "no way to reach": (lambda p: p.update(duty={"name": "Jo"}), ("duty: ", "at least one of phone")),
    "key twice": (lambda p: p["teams"].append(p["teams"][0]), ("teams: ", "'assessment' stands twice", "its own")),
    "alias of two teams": (
        lambda p: teams(p)["fostering"]["aliases"].append("Short  Breaks"),
        ("teams: ", "'short breaks' means disabled_children and fostering", "leave it with one"),
    ),
    "name of another as alias": (
        lambda p: teams(p)["fostering"]["aliases"].append("leaving care"),
        ("teams: ", "'leaving care' means fostering and leaving_care"),
    ),
    "alias of two categories": (
        lambda p: p["categories"][0]["aliases"].append("rude"),
        ("categories: ", "'rude' means legislation and staff_conduct"),
    ),
    "maps to nothing": (lambda p: p["categories"][4].pop("maps_to"), ("categories: ", "delay: ", "set maps_to to one")),
    "maps to what is not there": (
        lambda p: p["categories"][4].update(maps_to="delays"),
        ("categories: ", "delay: ", "delay_or_failed_service"),
    ),
    "closed before open": (
        lambda p: p["opening_hours"][0].update(opens="17:00", closes="09:00"),
        ("opening_hours.entry 1: ", "closes 09:00 is not after opens 17:00", "24-hour"),
    ),
    "hours without quotes": (
        lambda p: p["opening_hours"][0].update(closes=1020),  # what YAML makes of a bare 17:00
        ("opening_hours.entry 1.closes: ", "in quotes"),
    ),
    "hour that is none": (
        lambda p: p["opening_hours"][0].update(closes="25:00"),
        ("opening_hours.entry 1.closes: ", "correct it"),
    ),
    "day that is none": (
        lambda p: p["opening_hours"][0]["days"].append("sunday"),
        ("opening_hours.entry 1.days.entry 6: ", "'monday'"),
    ),
    "hours twice": (
        lambda p: p["opening_hours"].append({"days": ["friday"], "opens": "16:00", "closes": "18:00"}),
        ("opening_hours: friday has hours that overlap", "once"),
    ),
    "no hours": (lambda p: p.update(opening_hours=[]), ("opening_hours: ", "give at least one")),
    "dates the wrong way": (
        lambda p: p["teams"][0].update(
            printed_as=[{"name": "Duty", "valid_from": date(2020, 4, 1), "valid_to": date(2019, 3, 31)}]
        ),
        ("teams.assessment.printed_as.entry 1: ", "before valid_from", "in order"),
    ),
    "two scopes on a day": (
        lambda p: p.update(
            child_protection=[
                {"scope": "inside", "valid_from": date(2020, 4, 1), "source": "report"},
                {"scope": "outside", "valid_from": date(2021, 4, 1), "source": "report"},
            ]
        ),
        ("child_protection: two periods hold on 2021-04-01", "end one"),
    ),
    "layout that is none": (lambda p: p.update(report_layout="fancy"), ("report_layout: ", "'standard'")),
    "price below nothing": (lambda p: p.update(text_price_pence=-1), ("text_price_pence: ", "0")),
    "signpost that is none": (
        lambda p: p["signposts"].update(corporate=p["duty"]),
        ("signposts.corporate: ", "no such entry", "signposts.yml"),
    ),
    "mark that is none": (lambda p: p.update(invented="yes"), ("invented: ", "write true, or a list")),
    "mark of no field": (
        lambda p: p.update(invented=["duty.phones"]),
        ("invented: 'duty.phones' is no field", "correct its spelling"),
    ),
    "made up and not marked": (
        lambda p: p.update(invented=False),
        ("duty.phone: 07700 900140 is made up; put the real one", "advocacy.email: "),
    ),
    "marked and real": (
        lambda p: p["advocacy"].update(phone="0808 808 1001"),
        ("advocacy.phone: it is marked as invented", "drama"),
    ),
    "made up and verified": (
        lambda p: p.update(invented=[*p["signposts"], *CONTACTS, "escalation", "signposts"]),
        ("duty.verified_on: nobody can have rung a number that is made up", "remove the date"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_profile_names_file_field_and_remedy(profile, faults, fault):
    """Each fault of a profile is told with the file, the field and what to do."""
    spoil, told = FAULTS[fault]
    spoil(profile)
    said = faults(profile)
    assert "mine.yml: " in said
    for words in told:
        assert words in said
    assert said.endswith(".")


def test_several_faults_are_told_at_once(profile, faults):
    """Nobody has to start the service once for each mistake."""
    profile.pop("duty")
    profile.update(short_name=7, teams=[])
    assert len(faults(profile).splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: [", "line"),
        ("name: One\nname: Two\n", "'name' stands twice"),
        ("duty:\n  phone: a\n  phone: b\n", "line 3"),
        ("", "the whole file"),
        ("- a\n- b\n", "the whole file"),
    ],
)
def test_unreadable_profile_says_where(faults, text, told):
    """A file that is no YAML, repeats a field or holds no fields says so, with the line where there is one."""
    assert told in faults(text)


def test_profile_in_another_encoding_says_so(tmp_path):
    """A file saved by an old editor is named, not half read."""
    (tmp_path / "mine.yml").write_bytes("name: Caf\u00e9".encode("latin-1"))
    with pytest.raises(ProfileError, match=r"mine\.yml is not UTF-8"):
        load_council("mine", tmp_path)


@pytest.mark.parametrize("name", ["defualt", "", "_canonical", "../councils/default"])
def test_unknown_profile_lists_the_known_ones(name):
    """A misspelt council is answered with those there are; nothing else can be had by a name."""
    with pytest.raises(ProfileError, match="SPEAKUP_COUNCIL to one of: default, kent, leicestershire, peterborough"):
        load_council(name)


def test_service_with_unknown_council_does_not_start(settings):
    """A wrong setting stops the service at its start, with the names there are."""
    with pytest.raises(ProfileError, match="peterborough"):
        Service.load(replace(settings, council="petersborough"))


def test_profile_of_real_details_needs_no_mark(profile, tmp_path):
    """A council that has put its own numbers and addresses everywhere takes the banner away."""
    for contact in (*(profile[name] for name in CONTACTS), *profile["escalation"]["steps"]):
        contact.update(phone="020 7219 3000", email="someone@council.test")
    profile["complaints_team"]["web"] = None
    profile["advocacy"]["referrals"].pop("code_phone")
    profile["signposts"] = {}
    profile["invented"] = False
    (tmp_path / "mine.yml").write_text(yaml.safe_dump(profile))

    council = load_council("mine", tmp_path)

    assert not council.invented
    assert council.duty.told(TODAY) == "020 7219 3000"
