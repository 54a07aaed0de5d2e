"""What houses with a name end in, what begins none, and what is too wide for an address."""

import re

from portal.common.likely.lists import any_of

# What a house with a name ends in. The capitals count.
HOUSE = any_of("house")
NO_HOUSE = any_of("no house")
# Where someone has been is no address: a whole country or state may be named.
WIDE = re.compile(any_of("wide") + r"\b", re.IGNORECASE)
# No place after "works at", "near" and their like.
DEPARTMENTS = frozenset(
    "cardiology neurology oncology surgery ortho orthopedics gastroenterology hepatology nephrology urology dermatology"
    " radiology rehab hospice home clinic hospital medicare medicaid monday tuesday wednesday thursday friday saturday"
    " sunday english spanish january february march april may june july august september october november december week"
    " day age least stage level baseline birth rest night bedtime time what which this that dose gold rome grade child"
    " mri snf pod hour month year first most best".split()
)
TOWN = (
    r"(?!Mayo)([A-Z][a-z]+(?:['’-][A-Za-z]+)?(?: (?:de |del |of |la )?[A-Z][a-z]+)*(?:, [A-Z]{2}\b"
    r"(?: \d{5})?)?)"
)
# After these a word with a capital is a place whatever it is.
SURELY = re.compile(
    r"\b(?:[Ll]iv(?:es?|ed|ing) (?:\w+ )?(?:in|at|near|on|outside|around)|[Rr]esid\w+ (?:of|in|at)"
    r"|[Mm]ayor of|[Mm]ember (?:in|of)"
    r"|[Pp]atient in|[Bb]orn in|[Rr]aised in|[Mm]oved (?:\w{1,20} )?(?:to|from)|[Ww]ork(?:s|ed|ing)? (?:\w+ )?(?:at"
    r"|for)|[Ee]mployed (?:at|by)|[Tt]eaches at"
    r"|[Hh]ome in|[Hh]ails from|[Rr]eturn(?:ed|ing) to|[Dd]riv(?:es|ing|en) (?:\w+ )?(?:from|to)"
    r"|[Ff]arm(?:s|er|ing)? (?:in|near|from|outside)"
    r"|[Nn]otes from|(?:GP|[Dd]octor|[Pp]riest) in"
    r"|[Tt]own of|[Cc]ity of|[Vv]illage of|[Nn]ear|[Oo]utside(?: of)?|[Cc]linic in"
    r"|[Pp]ractice in"
    r"|[Hh]ospital in|[Tt]ruck stop in"
    rf"|[Ss]chool in|[Jj]ail in|[Pp]rison in|[Ss]helter in|[Ee][RD] in|[Uu]s here in|[Hh]ere in"
    rf"|[Ii]ncarcerated (?:in|at)|[Bb]ased in|[Gg]rew up in|[Vv]acation\w* in|[Tt]ransferred (?:from"
    rf"|to)"
    rf"|(?:[Ss]een|[Ff]illed|[Tt]reated|[Dd]one|[Ff]ollowed|[Ss]urgery|[Cc]ared for|[Ss]tudent|[Nn]urse"
    rf"|[Cc]ook|[Ll]abs?|[Ii]maging|[Ss]tays?|[Pp]laced|[Rr]ehab) (?:\w{{1,20}} )?at"
    rf"|[Aa]dmitted (?:to|at)|[Dd]ischarged (?:to|from)|[Gg]oes to|[Rr]ecords from|[Nn]ative of"
    rf"|[Rr]esident (?:of|at)"
    rf"|(?:[Dd]river|[Cc]ashier|[Ww]elder|[Mm]anager|[Tt]eacher|[Jj]anitor|[Ss]erver|[Cc]oach|[Pp]rincipal|[Gg]uard"
    rf"|[Ff]oreman|[Cc]lerk|[Pp]astor|[Mm]iner|[Bb]artender|[Ll]ibrarian|[Mm]echanic|[Dd]ispatcher|[Ee]mployee"
    rf"|[Ff]reshman"
    rf"|[Ss]ophomore|[Ss]enior|[Jj]unior|[Ii]nmate|[Rr]etired|[Tt]rapper|[Rr]ancher|[Ff]isherman|[Ll]ogger|[Hh]unter"
    rf"|[Pp]rof(?:essor)?|[Ss]hift|[Jj]ob|[Ll]ine) (?:at|for|from)|[Dd]rives for) (?:the )?{TOWN}"
)
