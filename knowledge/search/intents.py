"""Kinds of question ("how do you treat …", "is … inherited"), and the words in the titles of their answers."""

import re
from dataclasses import dataclass

from knowledge.search.folding import stem_of


@dataclass(frozen=True)
class Intent:
    """One kind of question: how it is asked, and the stems its answers' titles hold."""

    name: str
    asked: re.Pattern[str]
    stems: frozenset[str]


def _intent(name: str, asked: str, answered: str) -> Intent:
    stems = frozenset(stem for word in answered.split() if (stem := stem_of(word)))
    return Intent(name, re.compile(rf"\b(?:{asked})\b", re.IGNORECASE), stems)


_DO = r"(?:do|does|did|can|could|should|would|will|is|are|to)"
_WHOM = r"(?:you|i|we|one|they|doctors?|it|people)"
INTENTS = (
    _intent(
        "treatment",
        rf"(?:how {_DO} (?:{_WHOM} )?)?(?:treat(?:s|ed|ing)?|manag(?:e|es|ed|ing)|cured?|get rid of)|"
        r"treatments?|therap(?:y|ies)|management|what (?:can|should) (?:be|i|we|you) (?:done|do|take|"
        r"give)(?: (?:for|about))?|"
        r"(?:medicines?|medications?|drugs?) (?:for|to treat|that help)",
        "treat treatment treated therapy therapies management manage managing medicines medication cure treatments",
    ),
    _intent(
        "symptoms",
        r"(?:early |warning |main )?(?:signs?(?: (?:and|or) symptoms?)?|symptoms?)|"
        r"how (?:do|would|can|will) (?:i|you|we) know (?:if|that|when)(?: (?:i|someone|my \w+))? (?:have|has)|"
        r"what does (?=.+(?:look|feel) like)|(?:look|feel)s? like|present(?:s|ation)? with|clinical features|"
        r"when should (?:i|you|we|one) (?:worry|be worried|see a doctor)",
        "symptoms signs symptom sign presentation features manifestations",
    ),
    _intent(
        "causes",
        r"(?:what )?(?:causes?|causing|caused)|why (?:do|does|did|is|are)(?: (?:people|some people|you|i|"
        r"we))?(?: get| have| develop)?|"
        r"where does (?=.+come from)|reasons? for|etiology|aetiology|what leads to|genetic changes|due to what",
        "causes cause caused etiology genetic changes mutations pathogenesis",
    ),
    _intent(
        "inheritance",
        r"(?:run|runs|running) in (?:the |a |my )?famil(?:y|ies)|inherit(?:ed|able|ance)?|hereditary|"
        r"heritable|passed (?:on|down)"
        r"(?: (?:to|from) (?:my |your |the )?(?:children|parents?|famil(?:y|ies)))?|(?:is|are) (?=.+\bgenetic\b)|"
        r"will my (?:children|child|kids?|baby) (?:get|have|inherit)",
        "inherited inheritance hereditary heredity familial genetic genetics",
    ),
    _intent(
        "frequency",
        r"how (?:common|rare|frequent|many people|often (?:does|do))(?: (?:is|are|have|get|has|suffer from))?|"
        r"prevalence|incidence|epidemiology|how many (?:people|patients|persons) (?:are affected by|have|"
        r"suffer from)",
        "common frequency prevalence incidence people many epidemiology rare statistics",
    ),
    _intent(
        "prevention",
        r"(?:how (?:can|do|does|could|should|to) (?:you |i |we |one )?)?(?:be )?prevent(?:s|ed|ing|ion|able)?|"
        r"avoid(?:ed|ing)?|(?:lower|reduce|cut) (?:the|my|your|one's) (?:risk|chances?) of|"
        r"protect (?:myself|yourself|against|from)|"
        r"prophylaxis",
        "prevent prevention preventing prevented prophylaxis avoid",
    ),
    _intent(
        "diagnosis",
        r"(?:how (?:is|are|do|does|can|to) (?:you |i |we |doctors? )?)?(?:be )?(?:diagnos(?:e|ed|es|ing|"
        r"is|tic)|detect(?:ed|ing|ion)?)|"
        r"tests? (?:for|to)|tested for|screen(?:ed|ing)? for|work[- ]?up",
        "diagnose diagnosed diagnosis diagnostic tests test screening detect workup",
    ),
    _intent(
        "outlook",
        r"outlook|prognosis|life expectancy|how long (?:can|do|does|will) (?:people |someone |you |"
        r"i )?(?:live|survive)(?: with)?|"
        r"what (?:happens|will happen|can i expect)|long[- ]term (?:effects|outcomes?)|can you die (?:of|"
        r"from)|surviv(?:al|e)",
        "outlook prognosis survival expectancy complications course",
    ),
    _intent(
        "risk",
        r"who (?:is|are) (?:at risk|more likely)(?: (?:for|of|to (?:get|develop)))?|risk factors?|"
        r"at (?:higher |increased )?risk (?:for|of)|"
        r"who (?:gets?|can get)|chances? of getting",
        "risk",
    ),
    _intent(
        "complications",
        r"complications?|side effects?|adverse (?:effects?|events?|reactions?)",
        "complications effects adverse",
    ),
    _intent("research", r"(?:what )?research|clinical (?:trials?|studies)", "research trials studies"),
)


def intents_of(text: str) -> tuple[tuple[Intent, ...], str]:
    """The kinds of question a text is, and the text without the words that say so."""
    found, left = [], text
    for intent in INTENTS:
        left, times = intent.asked.subn(" ", left)
        if times:
            found.append(intent)
    return tuple(found), left
