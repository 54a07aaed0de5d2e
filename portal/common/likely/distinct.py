"""What sets one person apart from others: an office, a renown, being the only one somewhere (kind R of Safe Harbor)."""

import re

_AREA = (
    r"(?:county|town|village|city|state|area|region|district|school|parish|island|reservation|community|tribe|company"
    r"|country|world|family|church|department|valley|province|league|team|college|university|unit"
    r"|household|nation|military)"
)
_OFFICE = (
    r"(?:mayor|sheriff|governor|senator|congress(?:man|woman|person)|police chief|chief of police|fire chief|bishop"
    r"|weather(?:man|woman|girl)|news(?:caster| anchor| reporter)|(?:tv|radio|news) (?:anchor|host"
    r"|personality|reporter)"
    r"|olympi(?:an|c [\w-]{3,20})|quarterback|astronaut|celebrity|lottery winner|ambassador|poet"
    r" laureate|state champion"
    r"|world champion|school superintendent|head coach|tribal (?:chair\w*|elder|leader)|first lady"
    r"|drag queen|pop star"
    r"|rock star|movie star|actor|actress|novelist|pageant winner|beauty queen|record holder)"
)

RULES = (
    (
        "what sets somebody apart",
        (
            rf"\b(?:only|first|last|youngest|oldest|tallest|sole|lone) (?:(?!option|drug|stud|test"
            rf"|treatment)[\w’'-]{{1,20}} ){{1,5}}"
            rf"(?:in|at|of|from|on) (?:the |our |his |her |this |a )?(?:(?!if|when)[\w-]{{1,20}} ){{0,2}}{_AREA}\b"
        ),
    ),
    (
        "what sets somebody apart",
        (
            rf"\b(?:the|our|former|current|ex-?|retired|local|town|city|county|state|deputy|is an?|was an?) ?"
            rf"(?:\w{{1,20}} )?{_OFFICE}s?\b"
            r"(?: (?:of|in|for|at|from) (?:the )?\w{2,20}){0,1}"
        ),
    ),
    (
        "what sets somebody apart",
        (
            r"\b(?:on the (?:local |national |evening )?news|in the (?:local )?(?:news|newspaper|papers?)"
            r"|front page|went viral"
            r"|won the (?:\w{2,20} )?(?:lottery|title|pageant|championship)|locally famous|famous for"
            r"|nationally known"
            r"|well[- ]known (?:\w{2,20} )?(?:in|around) (?:town|the))\b"
        ),
    ),
    (
        "what sets somebody apart",
        (
            r"\b(?:tattoo(?:ed)?|tat) (?:of|saying|that says|reading|reads)(?: [\w’'“\"]{1,20}){1,4}"
            r"|\b(?:full[- ]?face|facial) (?:photo|pic|picture|image)\w*|\b(?:fingerprint|voiceprint|retina"
            r"(?:l)? scan id)s?\b"
            r"|\b(?:photo|picture|pic|selfie)s? (?:attached )?(?:of|shows|showing) (?:the |his |her |their )?"
            r"(?:whole |full )?face\b"
        ),
    ),
)
COMPILED = [(kind, re.compile(rule, re.IGNORECASE)) for kind, rule in RULES]
