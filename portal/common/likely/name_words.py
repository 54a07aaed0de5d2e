"""What introduces a name, what follows one, and what tells an eponym: parts of patterns."""

import re

from portal.common.likely.lists import any_of, entries

TITLE = any_of("title") + r"\b\.?"
RELATED = "|".join(entries("related"))
LED = (
    rf"(?:[Pp]atient(?:[’']s)?(?: name)?|[Pp]ts?|PT|[Nn]ames?|[Nn]amed|[Cc]alled|[Rr]egarding|[Rr]e|RE"
    rf"|[Aa]bout|[Ss]aw|[Ss]een|[Ss]poke (?:with|to)"
    rf"|[Cc]ase|[Dd]iscussed w(?:ith|/)|[Cc]are of|[Ff]ollow-up for|[Cc]aller|(?:(?:[Hh]is|[Hh]er"
    rf"|[Oo]ur|[Mm]y|[Tt]he|[Tt]heir|[Pp]ts?|[Pp]atient’?'?s) (?:[\w-]+ )?)?"
    rf"(?i:{RELATED})|[Mm]other of|[Ff]ather of|[Ss]on of|[Dd]aughter of|[Ss]ister of|[Bb]rother of"
    rf"|[Ww]ife of|[Cc]ontact|[Gg]oes by|[Aa]ka"
    r"|a\.k\.a\.|[Nn]icknamed?|[Kk]nown as|[Cc]alls (?:him|her|them)(?:self)?|[Dd]ear|[Hh]i|[Hh]ello"
    r"|[Tt]hanks|[Rr]egards|[Ss]incerely|[Ss]igned|[Aa]ttn"
    r"|[Ff]amily of|[Ee]state of|[Bb]ehalf of|[Ii]t[’']s|[Tt]his is|(?:first|last) name|surname"
    r"|[Pp]referred name|[Cc]hart of|[Ll]abs (?:of|for))"
)
# Weaker: what follows must be a name of the lists.
BY = any_of("by")
AGED = any_of("aged")
EPONYM = "|".join(entries("eponym"))
# Fisher 4.
IS_GRADED = re.compile(r" (?:[1-9]|I{1,3}|IV|V)[ABab]?\b(?! ?(?:y|m\b|f\b|M\b|F\b|mo)|[./-]\d)")
