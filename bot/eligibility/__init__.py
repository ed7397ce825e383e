"""Whether a complaint falls under the Representations Procedure (England) Regulations 2006, as data and one function.

`decide(read_facts({...}), load_rules(), today)` proposes; a person decides. `choose` says where else people can go.
"""

from bot.eligibility.codes import REASON_CODES, Outcome, ReasonCode
from bot.eligibility.decide import Decision, decide
from bot.eligibility.facts import CHILDREN, Facts, allowed_values, askable
from bot.eligibility.reading import FactsError, Reading, read_facts, read_leniently
from bot.eligibility.replay import Change, Past, replay, still_missing
from bot.eligibility.rules import Rules, RulesError, load_rules
from bot.eligibility.signposts import Signpost, choose, load_signposts, of_place

__all__ = [
    "CHILDREN",
    "REASON_CODES",
    "Change",
    "Decision",
    "Facts",
    "FactsError",
    "Outcome",
    "Past",
    "Reading",
    "ReasonCode",
    "Rules",
    "RulesError",
    "Signpost",
    "allowed_values",
    "askable",
    "choose",
    "decide",
    "load_rules",
    "load_signposts",
    "of_place",
    "read_facts",
    "read_leniently",
    "replay",
    "still_missing",
]
