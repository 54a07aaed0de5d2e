"""What sets one person apart from others: an office, a renown, being the only one somewhere (kind R of Safe Harbor)."""

import re

from portal.common.likely.lists import any_of, entries

_AREA = any_of("area")
_OFFICE = any_of("office")

_HELD = any_of("held") + "s?"
_GROUP = any_of("group")
_OF = r"(?: (?:of|for|at|in|here|from)(?: (?:the|our|a|this|that))?(?: (?!w\b|with|has|had|is|was)[\w’-]{2,20}){0,3})?"
_WHO = (
    r"(?:,? (?:who |that )?(?:flew|won|played|ran|sang|served|wrote|starred|hosts?|hosted|coached|led|founded"
    r"|survived|broke"
    r"|holds|set|climbed|competed|invented|discovered|testified|appeared)(?: [\w’'-]{1,20}){1,5})?"
)
_ANY = r"(?!other|drug|option|risk|inhibitor|treatment)[\w’'-]{1,20}"
_DID = "|".join(entries("did"))

RULES = (
    # our town's only set of quadruplets, the lady from the fire that was on the news, the voice of our station
    (
        "what sets somebody apart",
        (
            rf"\b(?:the|our|this) (?:\w{{2,15}}[’']s )?only (?:{_ANY} ){{0,3}}(?:set|family|pair|couple|group|household"
            rf"|one) (?:of|with|in|here|who|that)(?: [\w’'-]{{1,20}}){{1,4}}"
            r"|\b(?:the|our) (?:man|woman|lady|guy|girl|boy|kid|one|couple|family|teen|teacher|driver|child|baby)"
            r" (?:from|in|who|that) [^,.;?]{3,60}(?:news|newspapers?|papers?|tv|headlines|internet|radio)\b"
            r"|\bthe voice of [^,.;?]{3,60}"
        ),
    ),
    # the only bagpiper of the county
    (
        "what sets somebody apart",
        (
            r"\b(?:the|our|their|her|his|state[’']s|country[’']s|region[’']s) (?:only|sole|lone|oldest|youngest|tallest"
            rf"|last living|longest[- ]serving) (?:{_ANY} ){{0,3}}(?!{any_of('no trade')}){any_of('trade')}s?\b"
            r"(?: (?:in|of|at|from|on|for)(?: [\w’'-]{1,20}){1,3})?"
        ),
    ),
    (
        "what sets somebody apart",
        (
            r"\b(?:pastor|priest|principal|owner|founder|ceo|president|superintendent|coach|dean|chief|rabbi|imam"
            r"|editor|mayor"
            r"|director|headmaster|organist|choir director|deacon|trustee|captain|warden) (?:of|at|for) (?:the )?"
            r"(?-i:[A-Z][\w’'-]{2,20}(?: [A-Z][\w’'-]{2,20}){0,2})"
        ),
    ),
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
            rf"\b(?:(?:the|our|former|current|ex-?|retired|local|town|city|county|state|deputy|is an?|was an?) ?)?"
            rf"(?:(?!of\b)\w{{1,20}} )?{_OFFICE}s?\b(?: (?:of|in|for|at|from) (?:the )?[\w’'-]{{2,20}}"
            rf"(?: (?:husband|wife|son|daughter|mother|father|brother|sister)\b{_WHO})?)?"
        ),
    ),
    (
        "what sets somebody apart",
        (
            rf"\b(?:(?:a|an|the|our|his|her) )?(?:(?:former|ex|retired|current|local|county|city|town|village|state"
            rf"|tribal|parish"
            rf"|district|high school|college|varsity|university|national|olympic|pro|famous|star|starting|lead|head"
            rf"|chief"
            rf"|assistant|deputy|acting|longtime|beloved|only|first|supreme court|federal|appeals"
            rf"|circuit)[ -]){{1,3}}"
            rf"(?:[\w’-]{{2,15}} ){{0,2}}{_HELD}\b{_OF}{_WHO}"
        ),
    ),
    (
        "what sets somebody apart",
        (
            rf"\b(?:mayor|sheriff|coroner|postmaster|quarterback|goalie|point guard|pitcher|shortstop|lead singer"
            rf"|drummer|bassist|frontman"
            rf"|founder|owner|ceo|president|principal|superintendent|pastor|priest|rabbi|imam|chief|mascot|captain"
            rf"|coach|host|voice"
            rf"|author|inventor|heir|daughter|son|wife|husband|widow|descendant|survivor|winner|victim|hero|last "
            rf"(?:speaker|member)"
            rf"|editor|designer|creator)s? (?:of|for|at) (?:the|our|a|this|that|my)\b(?: (?!patient|pt|week|day|month"
            rf"|year|colon|liver"
            rf"|lung|study|disease|drug|ct|mri|use|same)[\w’'-]{{1,20}}){{0,3}} (?:{_AREA}|{_GROUP})\b{_WHO}"
        ),
    ),
    (
        "what sets somebody apart",
        (
            rf"\b(?:he|she|they|who|pt|patient|man|woman|guy|lady|girl|boy|teen|kid|mom|dad|father|mother)(?:[’']s)? "
            rf"(?:who )?"
            rf"(?:{_DID})\b(?: [\w’'\"“”-]{{1,20}}){{1,6}}"
        ),
    ),
    (
        "what sets somebody apart",
        (
            r"\b(?:the|his|her) (?:only|first|last|oldest|youngest|sole) (?!option|drug|stud|test|treatment|dose"
            r"|line)"
            r"(?:[\w’'-]{1,20} )"
            r"{1,5}(?:in|at|of|on|from) (?!the|a\b)(?-i:(?:Mt |St |North |South |East |West )?[A-Z][a-z]{2,20}"
            r"(?: [A-Z][a-z]+)?)"
            r"|\b(?:ex-?|former |retired )?(?:nfl|nba|mlb|nhl|wnba|mls|pga|nascar|ufc|wwe|olympic|d1|division i|usa"
            r"|national team)"
            r" (?:\w{2,15} )?(?:linebacker|player|quarterback|pitcher|goalie|driver|golfer|fighter|wrestler|swimmer"
            r"|skier|runner"
            r"|skater|gymnast|kicker|coach|referee|umpire|cheerleader|athlete|rower|boxer|hopeful|medalist)s?\b"
        ),
    ),
    (
        "what sets somebody apart",
        (
            r"\bplays? (?:\w{2,15} )?(?:for|in) (?:the|our|a) (?:[\w’-]{2,20} ){0,3}(?:band|orchestra|symphony|team"
            r"|league|nfl|nba|mlb"
            r"|nhl|wnba|mls|choir)\b|\b(?:in|for) the (?:nfl|nba|mlb|nhl|wnba|mls)\b|\bguinness (?:world )?(?:book"
            r"|record)\w*"
            r"|\b(?:youtube|tiktok|instagram|reality tv|tv|social media) (?:star|famous|influencer|personality"
            r"|celebrity)\b"
            r"|\b(?:quintuplets?|quadruplets?|septuplets?|sextuplets?|conjoined twins?)\b"
            r"|\b(?:birthmark|scar|tattoo|tat|brand|piercing)s? (?:\w{1,12} ){0,3}(?:shaped like|in the shape of"
            r"|that "
            r"(?:says|reads)"
            r"|saying|reading|of (?:a|an|the|his|her)|w(?:ith)? (?:name|initials|date)) [\w’'\"“”-]{1,20}"
            r"(?: [\w’'\"“”-]{1,20}){0,4}"
            r"|\b(?:face|facial|full-?face|head) ?(?:photo|pic|shot|picture|image|selfie|video|scan)s?\b"
            r"|\bheadshots?\b"
            r"|\bselfies?\b"
            r"|\bjersey (?:#|no\.? ?|number )?\d{1,2}\b(?: (?:for|of) (?:the )?\w{2,15}(?: \w{2,15})?)?|\b(?:iris"
            r"|retinal?|palm|hand|finger|voice|gait|ear|lip) ?-?(?:print|scan|recognition|recording) (?:id"
            r"|template|file|hash"
            r"|on file|number|no|attached)\b(?: ?#?[\w-]{2,20})?|\b(?:mug ?shot|passport photo|license photo"
            r"|yearbook photo)s?\b"
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
