"""Days in the forms of notes: a weekday, a day beside what was done, a list of days, other orders of day and month."""

import re
from collections.abc import Iterator

from portal.common.likely.dates import DAY, HOLIDAY, NTH, SLASHED, SURE_MONTH
from portal.common.likely.lists import any_of

_FULL_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_SHORT_WEEKDAY = r"(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)"
_PART = r"(?:night|morning|afternoon|evening|eve|noon|am|pm|weekend|week|dinner|party)"
_PLANNED = (
    r"(?:(?:surgery|procedure|appt|appointment|visit|scan|mri|ct|biopsy|cath|ercp|scope|colonoscopy|delivery"
    r"|induction"
    r"|c-?section|transplant|infusion|chemo|clinic|follow-?up|f/u|case|or|wedding|trip|flight)(?: date)?"
    r"(?: is| was)?(?: re)?(?:[ -](?:set|scheduled|sched|booked|planned|due|moved|on))(?: for| on| to)? )"
)
_MONTH_DAY = rf"(?:(?:{SURE_MONTH}|(?<=on )may)\.? (?:the )?{DAY}|{DAY} (?:of )?{SURE_MONTH})\b"
_CLOCK = r"(?:\d{1,2}(?::\d\d)? ?[ap]\.?m\.?|[01]?\d:\d\d|2[0-3]:?\d\d|noon|midnight)"

RULES = (
    # 28/11/24, 2025-02-03T14:20
    (
        r"(?<![\w/.-])(?:1[3-9]|2\d|3[01])(?:/(?:0?[1-9]|1[0-2])/|\.(?:0?[1-9]|1[0-2])\.|-(?:0?[1-9]|1[0-2])-)\d{2}"
        r"(?![\w/.-]?\d)"
    ),
    r"\b(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-\d\dT\d\d:?\d\d\S{0,12}",
    # last tue night
    rf"\b(?:last|this|this past|past|next|since|until|by) {_SHORT_WEEKDAY}\b\.?(?: {_PART})?(?!\w| ?\d\d ?%)",
    rf"\b{_CLOCK},? (?:on )?{SLASHED}\b(?![/\d])|(?<![\d/]){SLASHED},? (?:at |@ ?)?{_CLOCK}(?!\w)",
    # a month: finer than a year
    (
        r"\b(?:january|february|april|june|july|august|september|october|november|december)\b(?!['’])"
        r"|\b(?-i:Jan|Feb|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b(?!-)"
        r"|\b(?:in|since|last|this|of|till|until|from|by|early|late|mid|before|after) (?-i:March|May)\b"
        r"(?! (?:be|not|we|i|it)\b)"
    ),
    # 9th may, on may 9, 5 may
    rf"\b{DAY} may(?=[,.;:?!)]|$| (?:19|20)?\d\d\b)",
    rf"\b(?:on )?{NTH} (?:of )?may\b(?: \d{{4}}\b)?|\b(?:on|since|until|by|born|due|from) may {DAY}\b|\bmay {NTH}\b",
    # surgery set for April 18
    (
        rf"\b{_PLANNED}(?:the )?(?:{_MONTH_DAY}|{SLASHED}|{NTH}|{_FULL_WEEKDAY}|{_SHORT_WEEKDAY}\b)"
        rf"(?:,? \d{{1,2}}/\d{{1,2}})?"
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
        r" season)|earth day|4th of july|july 4|orthodox (?:easter|christmas)|three kings|lunar new year|(?-i:Tet)"
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
    r"^(?:9\d|1[01]\d)(?=[!,;])",
    # Grandma Ludmila, as the family calls her, 91, AF
    r"(?<=[,(] )(?:9\d|10\d)(?=[,);](?! ?\d))",
    r"\b(?:will be|turns?|turned|turning|now|be) (?:9\d|10\d)(?= (?:soon|next|in|this|on)\b|[,.;?])",
)
COMPILED = [("an exact date", re.compile(rule, re.IGNORECASE)) for rule in RULES] + [
    ("an age over 89", re.compile(rule, re.IGNORECASE)) for rule in _AGES
]

# Sunday morning, seen Wed; not Mon/Wed/Fri.
_WEEKDAY = re.compile(
    r"\b(?<!/)(?:(?:on|last|this|past|this past|next|since|until|by|early|late) ){0,2}"
    rf"(?:{_FULL_WEEKDAY}|(?-i:Mon|Tues?|Weds?|Thu(?:rs?)?|Fri)\b(?! ?\d\d ?%))(?: {_PART})?"
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
_SHARES = frozenset((2, 3, 4, 5, 6, 7, 8, 10, 12))


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where a day stands in numbers, or a weekday by itself, unless the text is of what recurs."""
    numbers = [match for match in _NUMBERS.finditer(text) if not _is_measure(match, text)]
    several = any(map(_is_day, numbers))
    yield from (
        match.span() for match in numbers if _is_day(match) or (several and "/" in match[0] and _in_a_year(match))
    )
    yield from (match.span() for match in _DOTTED.finditer(text) if not _MEASURE.match(text, match.end()))
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
    return match[1] != match[3] and 1 <= int(match[1]) <= _MONTHS and 1 <= int(match[3]) <= _DAYS


def _is_measure(match: re.Match[str], text: str) -> bool:
    start = max(0, match.start() - 40)
    return bool(
        _MEASURE.match(text, match.end())
        or _MEASURED.search(text, start, match.start())
        or ("-" in match[0] and _SPANNED.search(text, start, match.start()))
    )
