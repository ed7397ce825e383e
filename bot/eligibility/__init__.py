"""Whether a complaint falls under the Representations Procedure (England) Regulations 2006, as data and one function.

`decide(read_facts({...}), load_rules(), today)` proposes; a person decides.
"""

from bot.eligibility.decide import Decision, decide
from bot.eligibility.facts import Facts, FactsError, allowed_values, read_facts
from bot.eligibility.rules import REASON_CODES, Outcome, ReasonCode, Rules, RulesError, load_rules
from bot.eligibility.signposts import Signpost, load_signposts

__all__ = [
    "REASON_CODES",
    "Decision",
    "Facts",
    "FactsError",
    "Outcome",
    "ReasonCode",
    "Rules",
    "RulesError",
    "Signpost",
    "allowed_values",
    "decide",
    "load_rules",
    "load_signposts",
    "read_facts",
]
