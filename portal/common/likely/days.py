"""Days in the forms of notes: a weekday, a day beside what was done, a list of days, other orders of day and month."""

import re
from collections.abc import Iterator

from portal.common.likely.dates import DAY, HOLIDAY, NTH, SLASHED, SURE_MONTH
from portal.common.likely.lists import any_of

_FULL_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_SHORT_WEEKDAY = r"(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)"
_PART = r"(?:night|morning|afternoon|evening|eve|noon|am|pm|weekend|week|dinner|party)"
# What is done on one day: a day with a slash or a hyphen beside it is a day.
_EVENT = (
    r"(?:chromo\w*|colo(?:noscopy)?|c-?scope|scope|egd|ercp|eus|bronch|eeg|emg|lp|us|u/s|ultrasound|cx|cultures?|bcx"
    r"|ucx|path|pap|mammo\w*|dexa|pet|petct|cxr|kub|holter|stress(?: test)?|angio\w*|pci|ablation|cardioversion|pacer"
    r"|icd|tavr|evar|c/s|c-?section|lscs|svd|tx|treated|chemo|xrt|stemi|nstemi|stroke|cva|tia|seizure|sz|mi|dvt"
    r"|arrest|rosc|code[dn]?|ivf|transfer|retrieval|fitted|placed|removed|implanted|inserted|repair|resection"
    r"|excision"
    r"|amputation|ect|lap(?: chole| appy)?|chole|appy|hyst|tah|turp|prostatectomy|mastectomy|lumpectomy|orif|tka|tha"
    r"|booster|vaccine|flu shot|rx(?:ed)?|filled|refilled|consult(?:ed)?|eval|ov|tele(?:visit|health)|called|msg|woke"
    r"|arrived|presented|left|moved|flew|flight|trip|cruise|wedding|funeral|homecoming|graduation|game|race|party"
    r"|concert|reunion|camp|wreck|mvc|crashed|burn(?:ed)?|stung|bit|assault|swab|sputum|smear|titers?|level|inr|a1c"
    r"|psa|tsh|bmp|cmp|cbc|trop|viral load|vl|pcr|result|ctap|cta|mra|mrcp|vq|pft|sleep study|psg|op|or)"
)
_PLANNED = (
    r"(?:(?:surgery|procedure|appt|appointment|visit|scan|mri|ct|biopsy|cath|ercp|scope|colonoscopy|delivery"
    r"|induction"
    r"|c-?section|transplant|infusion|chemo|clinic|follow-?up|f/u|case|or|wedding|trip|flight)(?: date)?"
    r"(?: is| was)?(?: re)?(?:[ -](?:set|scheduled|sched|booked|planned|due|moved|on))(?: for| on| to)? )"
)
_MONTH_DAY = rf"(?:(?:{SURE_MONTH}|(?<=on )may)\.? (?:the )?{DAY}|{DAY} (?:of )?{SURE_MONTH})\b"
_SCORED = r"(?<!nodes )(?<!cores )(?<!of )(?<!score )(?<!pain )(?<!scale )(?<!bipap )(?<!strength )"
_DATED = r"(?!\d\d?/(?:5|6|8|10)\b)"
_BIG = r"(?:7|9|1[1-9]|2\d|3[01])"
_CLOCK = r"(?:\d{1,2}(?::\d\d)? ?[ap]\.?m\.?|[01]?\d:\d\d|2[0-3]:?\d\d|noon|midnight)"
_END = r"(?=[,.;:?!)]|$| (?:w|and|with|for|at|in|by|she|he|pt|but|then|still|now|had|has|was)\b)"

RULES = (
    # 28/11/24, 04.12.24, 2025-02-03T14:20, 03Mar24
    (
        r"(?<![\w/.-])(?:1[3-9]|2\d|3[01])(?:/(?:0?[1-9]|1[0-2])/|\.(?:0?[1-9]|1[0-2])\.|-(?:0?[1-9]|1[0-2])-)\d{2}"
        r"(?![\w/.-]?\d)"
    ),
    r"(?<![\w/.-])(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.\d{2}(?![\w/.-]?\d)",
    r"\b(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-\d\dT\d\d:?\d\d\S{0,12}",
    rf"\b(?:0?[1-9]|[12]\d|3[01])[-/]?{SURE_MONTH}[-/]?(?:(?:19|20)\d\d|\d\d)\b",
    # adm 28/11, dc 3/12: a day that cannot be a month, after what is done on a day
    (
        r"\b(?:adm|admitted|dc|d/c|seen|on|since|from|until|dated?|op|lmp|edd|surgery|dx)"
        r" (?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2])\b(?![/\d])"
    ),
    # last Tue night, Fri am
    rf"\b(?:last|this|this past|past|next|since|until|by) {_SHORT_WEEKDAY}\b\.?(?: {_PART})?(?!\w| ?\d\d ?%)",
    rf"\b(?-i:Mon|Tues?|Weds?|Thurs?|Thu|Fri|Sat|Sun) {_PART}\b",
    # admit Wed; came in with DKA 11-29; next clinic 1/8
    (
        r"\b(?:admit(?:ted)?|seen|saw|fell|came in|started|left|here|arriv\w+|appt|surgery|dc|due|clinic|back"
        r"|returns?|scan"
        r"|visit|cath|called|discharged?|on) (?-i:Mon|Tues?|Weds?|Thurs?|Thu|Fri|Sat|Sun)\b(?! ?\d\d ?%)"
    ),
    (
        r"\b(?:came in|presented|admitted|arrived|seen|dx|fell|collapsed|started)(?: [\w/]{1,12}){0,4} "
        r"((?:0?[1-9]|1[0-2])-(?:1[3-9]|2\d|3[01]))(?=[,.;?]|$)"
    ),
    (
        rf"\b(?:next|last|prior|first|follow-?up) (?:clinic|visit|appt|appointment|dose|infusion|labs?|scan) (?:is "
        rf"|was |on )?{SLASHED}\b(?![/%])"
    ),
    # Friday 1-17, on 3-14
    rf"\b(?:{_FULL_WEEKDAY}|{_SHORT_WEEKDAY}),? (?:0?[1-9]|1[0-2])[-.](?:0?[1-9]|[12]\d|3[01])\b(?![-.\d])",
    rf"\b(?:on|since|seen|dated|admitted|dc|adm) (?:0?[1-9]|1[0-2])-(?:1[3-9]|2\d|3[01])\b{_END}",
    # 27.01 after what happens on a day
    (
        rf"\b(?:{_EVENT}|adm|admitted|dc|discharged?|seen|born|surgery|on|since|dated|from)"
        rf" ((?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2]))\.?{_END}(?! ?(?:mg|cm|mm))"
    ),
    # chromo 2/28; 7pm 8/8; 5/6, 5/13, 5/20
    rf"\b{_EVENT}(?: (?:was|is|on|of|done|from))?,? {_SCORED}({_DATED}{SLASHED})(?![/\d%]|\.\d){_END}",
    rf"\b{_CLOCK},? (?:on )?{SLASHED}\b(?![/\d])|(?<![\d/]){SLASHED},? (?:at |@ ?)?{_CLOCK}(?!\w)",
    (
        rf"(?<![\w/.])(?=[\d/, &]{{0,24}}/{_BIG}\b){SLASHED}(?:(?:,| &| and|, and) {SLASHED}){{1,4}}(?![\w/%]|\.\d"
        r"| (?:nodes|cores|teeth|pts))"
    ),
    # a month: finer than a year
    r"\b(?:january|february|april|june|july|august|september|october|november|december)\b(?!['’])"
    r"|\b(?-i:Jan|Feb|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b(?!-)|\b(?:in|since|last|this|until|from|by|early|late|mid|of|till|before|after) (?-i:March|May)\b(?! (?:be|not|we|i|it)\b)",
    # 9th may, on may 9, 5 may
    rf"\b{DAY} may(?=[,.;:?!)]|$| (?:19|20)?\d\d\b)",
    rf"\b(?:on )?{NTH} (?:of )?may\b(?: \d{{4}}\b)?|\b(?:on|since|until|by|born|due|from) may {DAY}\b|\bmay {NTH}\b",
    # surgery set for April 18
    (
        rf"\b{_PLANNED}(?:the )?(?:{_MONTH_DAY}|{SLASHED}|{NTH}|{_FULL_WEEKDAY}|{_SHORT_WEEKDAY}\b)"
        rf"(?:,? \d{{1,2}}/\d{{1,2}})?"
    ),
    # late Feb this year, the first week of March, before June
    (
        rf"\b(?:early|mid|late|end of|beginning of|start of|middle of|back in|this|last|this past|(?:the )?(?:first"
        rf"|second"
        rf"|third|last|1st|2nd|3rd|4th) (?:week|wk|half|days?|weekend|mon|tues|wednes|thurs|fri|satur|sun)(?:day)? "
        rf"(?:of|in))"
        rf"[ -]{SURE_MONTH}\b\.?(?:,? (?:of )?(?:this|last|that) (?:year|yr))?(?! (?:be|not|we|i|it)\b)"
    ),
    (
        rf"\b(?:dx(?:[’']?d)?|diagnosed|started|stopped|had|done|surgery|stroke|placed|delivered|transplant(?:ed)?"
        rf"|stent(?:ed)?"
        rf"|admitted|seen|moved|died|fell|quit|returned|due|born|treated|finished|completed)"
        rf"(?: [\w/-]{{1,15}}){{0,3}} "
        rf"(?:in|since|around|by|until) ({SURE_MONTH})\b(?! (?:be|not|we|i|it)\b)"
    ),
    rf"\b{SURE_MONTH}\.? (?:of )?(?:this|last|that) (?:year|yr)\b",
    (
        r"\b(?:early |late |mid-?)?(?:spring|summer|fall|autumn|winter),? (?:of )?(?:(?:19|20)\d\d|[’']\d\d)\b"
        r"|\bQ[1-4] ?(?:19|20)\d\d\b"
    ),
    # the 14th, at the end of what is said
    rf"\b(?:(?:on|since|by|until|visit|night of|morning of|evening of) )?the {NTH}(?=[.,;?!)]|$| (?:is|was)\b)",
    # the week before Easter, Halloween night
    (
        rf"\b(?:(?:the |a )?(?:\w{{1,8}} )?(?:days?|nights?|mornings?|weeks?|wks?|weekend|eve) (?:after|before|of"
        rf"|following"
        rf"|prior to) |(?:since|after|before|on|over|by|until|around|at) )?{HOLIDAY}(?: {_PART})?\b(?! (?:tree"
        rf"|disease"
        rf"|factor))"
    ),
    (
        r"\b(?:(?:since|after|before|at|day of|night of|on|during|over) )?(?:(?:the|her|his|their) )?(?:homecoming"
        r"|prom night"
        r"|spring break|election day|opening day|tax day|(?:first|last|1st) day of (?:school|ramadan|deer season|lent"
        r"|hunting"
        r" season)|earth day|4th of july|july 4|orthodox (?:easter|christmas)|three kings|lunar new year|tet"
        r"|canada day"
        r"|thanksgiving|national signing day|daylight savings?(?: time)?|(?:winter|summer) solstice|eid|onam"
        r"|lohri|pongal"
        r"|navratri|dussehra|raksha bandhan|purim|sukkot|shavuot|tisha b.?av|vaisakhi|baisakhi|songkran|obon"
        r"|bon festival"
        r"|day of the dead|indigenous peoples[’']? day|flag day|patriots[’']? day|pi day|april fools?[’']?s?(?: day)?"
        r"|leap day|epiphany|pentecost|maundy thursday|holy week|guy fawkes(?: night)?|bonfire night|anzac day"
        r"|australia day|bastille day|oktoberfest|burns night)(?:,? \d{1,2}/\d{1,2})?(?![\w-])"
    ),
)
_AGES = (
    (
        r"(?-i:(?:[A-Z][a-z’'-]+ |[A-Z]\. ){2,3})(9\d|1[01]\d)\b(?! ?(?:%|mg|mcg|ml|units|mm|cm|kg|bpm|/|ng|days"
        r"|weeks"
        r"|on\b)"
        r"|[./-]\d)"
    ),
    (
        r"\b(?:hit|hits|reached|pushing|nearly|almost|celebrated|just|past|approaching) (?:his |her |their )?(9\d"
        r"|1[01]\d)"
        r"(?:th|st|nd|rd)?(?= birthday|[,.;]| (?:and|w|with|last|this|yrs?|years?)\b)"
    ),
    r"\b(?:9\d|1[01]\d)(?:th|st|nd|rd) (?:birthday|bday|b-day|year of life)",
    r"(?<![\w./-])(?:9\d|10\d) ?/ ?[MF]\b|(?<![\w./-])[MF](?: |, |/)(?:9\d|10\d)(?=[,;:]| (?:w|with|s/p)\b)",
    r"\b(?:born(?: in)?|b\.|yob|birth year|year of birth)[ :]{1,2}(?:in )?(?:18\d\d|19[0-2]\d|193[0-6])\b",
    (
        r"\b(?:9\d|1[01]\d)[ -]?(?:yrs?|years?)[ -](?:young|old|of age)|\b(?:over|older than|past) (?:100|ninety)\b"
        r"(?= ?(?:yo|years old))"
    ),
    (
        r"\b(?:9\d|10\d) (?:today|next (?:week|month)|this (?:week|month)|in (?:a|two|\d) (?:days|weeks|months?))\b"
        r"(?=[,.;]| w)"
    ),
)
_AGES += (
    # Grandma Ludmila, as the family calls her, 91, AF
    r"(?<=[,(] )(?:9\d|10\d)(?=[,);](?! ?\d))",
    r"\b(?:will be|turns?|turned|turning|now|be) (?:9\d|10\d)(?= (?:soon|next|in|this|on)\b|[,.;?])",
)
COMPILED = [("an exact date", re.compile(rule, re.IGNORECASE)) for rule in RULES] + [
    ("an age over 89", re.compile(rule, re.IGNORECASE)) for rule in _AGES
]

_WEEKDAY = re.compile(
    rf"\b(?:(?:on|last|this|past|this past|next|since|until|by|early|late) ){{0,2}}{_FULL_WEEKDAY}(?: {_PART})?"
    r"\b(?![-’'/]|s\b| (?:holiday|clinic|effect|only|paper|dose|journal|blues|sickness))",
    re.IGNORECASE,
)
# What is done on the same weekdays each week is no day of anybody.
_WEEKLY = re.compile(r"\b(?:every|each|weekly|q ?wk|dialysis|hd|mwf|tts|tths|alternate)\b", re.IGNORECASE)
# 3/14, 7-19, 04.11 anywhere: a day, unless the words around it make it a share, a score, a dose or a span.
_NUMBERS = re.compile(
    r"(?<![\w/.,+:=<>~$-])(?<![<>=~] )(?<!\d )(?!24/7)(\d\d?)([/-])(\d\d?)(?![\w/%+]|[.,:-]\d| ?[-–→>]|'s)"
)
_DOTTED = re.compile(r"(?<![\w/.+-])(?:0[1-9]\.(?:0[1-9]|[12]\d|3[01])|(?:[12]\d|3[01])\.0[1-9])(?![\w%]|[./-]\d)")
_BEFORE = r"\W*(?:(?:was|is|of|at|to|the|now|about|=) ?)*$"
_MEASURED = re.compile(rf"\b{any_of('measured')}\b{_BEFORE}", re.IGNORECASE)
_SPANNED = re.compile(rf"\b{any_of('spanned')}\b{_BEFORE}", re.IGNORECASE)
_MEASURE = re.compile(rf" ?{any_of('measure')}(?![a-z])", re.IGNORECASE)
_MONTHS, _DAYS = 12, 31
_SHARES = frozenset((2, 3, 4, 5, 6, 8, 10, 12))


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where a day stands in numbers, or a weekday by itself, unless the text is of what recurs."""
    numbers = [match for match in _NUMBERS.finditer(text) if not _is_measure(match, text)]
    several = any(map(_is_day, numbers))
    yield from (match.span() for match in numbers if _is_day(match) or (several and "/" in match[0] and _in_a_year(match)))
    yield from (match.span() for match in _DOTTED.finditer(text) if not _is_measure(match, text))
    if not _WEEKLY.search(text):
        yield from (match.span() for match in _WEEKDAY.finditer(text))


def _is_day(match: re.Match[str]) -> bool:
    """A month and a day or the reverse; no fraction such as 4/5 or 10/10, no span such as 6-12."""
    first, second = int(match[1]), int(match[3])
    if match[2] == "-" or first <= _MONTHS < second:
        return 1 <= first <= _MONTHS < second <= _DAYS
    if second > _MONTHS or not 1 <= second <= first <= _DAYS:
        return 0 < first < second <= _MONTHS and second not in _SHARES
    return first != second


def _in_a_year(match: re.Match[str]) -> bool:
    return 1 <= int(match[1]) <= _MONTHS and 1 <= int(match[3]) <= _DAYS


def _is_measure(match: re.Match[str], text: str) -> bool:
    start = max(0, match.start() - 40)
    return bool(
        _MEASURE.match(text, match.end())
        or _MEASURED.search(text, start, match.start())
        or ("-" in match[0] and _SPANNED.search(text, start, match.start()))
    )
