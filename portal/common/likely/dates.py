"""Days that belong to a person, finer than a year, and ages over 89."""

import re

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
SURE_MONTH = MONTH.replace("|may|", "|(?-i:May)|")  # "5 may" is seldom the month
_WEEKDAY = r"(?:mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth"
    r"|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|(?:twenty|thirty)[ -](?:first|second"
    r"|third|fourth|fifth|sixth|seventh|eighth|ninth))"
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
NTH = r"(?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th)"
SLASHED = r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:(?:19|20)\d{2}|['’]\d{2})"
# What a day with a slash and without a year follows, or is followed by; else it is a score, a dose or a share.
_WHEN = (
    r"(?:on|since|yesterday|today|tonight|tomorrow|dated?|dx(?:[’']?d)?|diagnosed|seen|visit(?:ed)?|appt|appointment"
    r"|admit(?:ted)?|adm|admission|d/c(?:[’']?d)?|dc(?:[’']?d)?|discharged?|vaccinated|operated|surgery|sx|bx|biopsy"
    r"|biopsied|stent\w*|in|fell|fall|died|due|edd|lmp|edc|born|birthday|bday|started|stopped|begun"
    r"|began|onset|scheduled"
    r"|until|till|thru|through|collected|drawn|labs?|imaging|note|cath|cabg|transplant\w*|delivered"
    r"|induction|infusion"
    r"|injection|shot|scan|mri|ct|echo|tte|xray|x-ray|ekg|ecg|last seen|returned|exposed|exposure"
    r"|bitten|injured|accident"
    r"|mva|mvc|crash|ed|er|hospital|clinic|post-?op|extubated|intubated|resulted|reported|read|procedure|dose|given"
    r"|week of|wk of|as of|before|after|by|from|" + _WEEKDAY + r")"
)
_NOT_A_DAY = (
    r"(?![/\d.]|\s?(?:%|pain|nodes?\b|cores?\b|cycles?\b|doses?\b|criteria|mg|mcg|ml\b|units?\b"
    r"|systolic|murmur|strength"
    r"|points?\b|out of|positive|patients|of \w|tid|bid|qd|daily|prn|scale|in severity|motor|power|to"
    r" \d|-\s?\d|→|->))"
)
_DENOMINATOR = r"(?!\d\d?/(?:5|6|8|10)\b)"
HOLIDAY = (
    r"(?:christmas(?: eve| day)?|x-?mas(?: eve| day)?|new year[’']?s?(?: eve| day)?|nye|thanksgiving(?: day)?"
    r"|easter(?: sunday| monday)?|halloween|(?:4th|fourth) of july|independence day|labor day|memorial day"
    r"|mother[’']?s[’']? day|father[’']?s[’']? day|valentine[’']?s?(?: day)?|st\.? (?:patrick"
    r"|paddy)[’']?s(?: day)?|diwali"
    r"|(?-i:Eid)(?: al[- ](?:fitr|adha))?|rosh hashanah?|yom kippur|passover|hanukkah|kwanzaa|lunar new year"
    r"|chinese new year|nowruz|juneteenth|mlk(?: jr)? day|martin luther king(?: jr\.?)? day|presidents?[’']? day"
    r"|columbus day|veterans?[’']? day|good friday|ash wednesday|palm sunday|mardi gras|cinco de mayo|groundhog day"
    r"|super ?bowl(?: sunday)?|boxing day|black friday|holi\b|vesak|d[ií]a de los muertos|all saints[’']? day)"
)
_AGE = (
    r"(?:9\d|1[01]\d|ninety(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|(?:(?:one|a) )?hundred(?: and)?(?:[ -](?:one|two|three|four|five|six|seven|eight|nine|ten))?)"
)
_ONE_OF_US = (
    r"(?:he|she|they|who|pt|patient|mother|father|mom|dad|husband|wife|man|woman|resident|lady|gentleman|veteran"
    r"|grand(?:ma|pa|mother|father)|and)"
)

RULES = (
    (
        "a date of birth",
        (
            r"\b(?:dob|d\.o\.b\.?|d/o/b|birth ?date|b-?day|born(?: on| in)?|date of birth|birthday(?: is| was)?"
            rf"|b\.(?= ?\d+/))\W{{0,3}}(?:the )?(?!(?:19|20)\d\d\b(?![-/]))(?:\d[\w/.-]*|{SURE_MONTH}\b\.?)"
            rf"(?:[ ,/-]{{1,2}}(?:of )?(?:\d[\w/.-]*|{SURE_MONTH}\b\.?)){{0,2}}(?! ?(?:w(?:ee)?ks|weeks|g\b|kg|lb))"
        ),
    ),
    (
        "an exact date",
        (
            rf"\b(?:0?[1-9]|1[0-2])(?:/{DAY}/|-{DAY}-|\.{DAY}\.)(?:19|20)?\d{{2}}\b"
            r"(?![/.]\d| ?(?:months?|mos?\b|weeks?|wks?|h\b|hours?|days?|mg|mcg|min\b|yrs?|years?))"
            rf"|\b{DAY}(?:/(?:0?[1-9]|1[0-2])/|-(?:0?[1-9]|1[0-2])-|\.(?:0?[1-9]|1[0-2])\.)(?:19|20)\d{{2}}\b"
        ),
    ),
    ("an exact date", r"\b(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.]\d{1,2}\b"),
    ("an exact date", r"(?<![\w/.])(?:0?[1-9]|1[0-2])/(?:19|20)\d{2}\b"),
    (
        "an exact date",
        (
            rf"\b{SURE_MONTH}\b\.?,?(?: the)?[ -]?{DAY}\b(?!\s?(?:%|percent|mg|weeks|months|days|patients"
            rf"|to \d|/\d))(?:,? {_YEAR}\b)?"
        ),
    ),
    (
        "an exact date",
        rf"\b(?:the )?{DAY}(?: day)?(?: of)?[ -]?{SURE_MONTH}\b\.?(?:,?[ -]?(?:(?:19|20)\d{{2}}|\d\d)\b)?",
    ),
    (
        "an exact date",
        rf"\bthe {_ORDINAL} of {SURE_MONTH}\b|\b(?!may){MONTH},?(?: the)? {_ORDINAL}\b(?![ -](?:line|dose|time))",
    ),
    ("an exact date", rf"\b{SURE_MONTH}\.?(?: of|,)? {_YEAR}(?!\w)"),
    (
        "an exact date",
        (
            rf"\b(?:since|last|this past|back in|early|mid|late|end of|beginning of|until)[ -]{SURE_MONTH}\b\.?"
            r"(?! (?:be|not|we|i|it)\b)"
        ),
    ),
    (
        "an exact date",
        (
            rf"\b{_WHEN}\b(?: (?:was|is|on|of|at|done|for))?[ :(~]{{1,2}}"
            rf"({_DENOMINATOR}{SLASHED}\b{_NOT_A_DAY}(?:(?:,| and| &) {SLASHED}\b)?)"
        ),
    ),
    (
        "an exact date",
        (
            rf"\b(?:{_WEEKDAY}|yesterday|today|tomorrow),? (?:on )?{SLASHED}\b(?:,? at \d{{1,2}}(?::\d\d)?(?:"
            rf" ?[ap]m)?)?"
            rf"|\b(?:the )?(?:week|wk) of (?:the )?(?:{SLASHED}|{SURE_MONTH}\.? {DAY}|{NTH})\b"
            r"|\b(?:on|from|dated|since) (?:0[1-9]|1[0-2])\.(?:0[1-9]|[12]\d|3[01])\b(?![.\d])"
        ),
    ),
    ("an exact date", rf"(?<![\w/.-]){_DENOMINATOR}{SLASHED} ?[-–] ?{_DENOMINATOR}{SLASHED}(?![\w/])"),
    (
        "an exact date",
        (
            rf"\b(?:(?:on|since|last|this|next|past) )?{_WEEKDAY}\.?,? (?:the )?{NTH}\b"
            rf"|\b(?:on|since|until|by|from|before|after|around|about|{_WHEN}) the (?:{NTH}|{_ORDINAL})"
            r"(?: of (?:last|this|next|the) month\b|(?=[.,;?!)]|$| for\b| at\b| with\b| w\b| and\b| when\b|"
            r" in\b| s?he\b| they\b| we\b| pt\b))"
            rf"|\b(?:the )?(?:{NTH}|{_ORDINAL}) of (?:last|this|next) month\b"
        ),
    ),
    ("an age over 89", rf"\b{_AGE}(?:\+|[ -]?plus)?[ -]?(?:years?|yrs?|y\.?o\.?|y/o|y\b)"),
    (
        "an age over 89",
        (
            rf"\b(?:aged?|turns?|turned|turning|age(?: is|:|d)?)[ :]{{1,2}}{_AGE}\b(?: (?:last|this|next) \w+)?(?!-"
            rf"| ?(?:%|percent|months"
            rf"|weeks))"
        ),
    ),
    (
        "an age over 89",
        (
            rf"\b{_ONE_OF_US}(?:[’']s| is| was| turns)(?: now| almost| nearly| about)? ({_AGE})(?=[,.;!?]|$|"
            rf" and | with | w )"
        ),
    ),
    (
        "an age over 89",
        (
            r"(?<![\w./-])(?:9\d|1[01]\d) ?(?:M|male|man|gentleman|female|woman|lady)\b(?! cells)"
            r"|(?<![\w./-])(?<!temp )(?<!tmax )(?<!\bT )(?<!fever )(?<!to )(?<!of )(?<!at )(?<!is )(?<!was"
            r" )9\d ?F\b(?! ?(?:temp|tmax|fever|today|oral))(?=[,.;:]| \w)"
            r"|(?:(?<=^)|(?<=\ba ))1[01]\d ?F\b"
        ),
    ),
    (
        "an age over 89",
        (
            r"\bninety[ -](?:one|two|three|four|five|six|seven|eight|nine)\b(?! ?(?:percent|%|mg|days|minutes"
            r"|mm|units))"
            r"|\bnonagenarian|\b(?:super)?centenarian|\bin (?:his|her|their) (?:early |mid |late |mid-)?"
            r"(?:[’']?90[’']?s|nineties)\b"
        ),
    ),
)
COMPILED = [(kind, re.compile(rule, re.IGNORECASE)) for kind, rule in RULES]
