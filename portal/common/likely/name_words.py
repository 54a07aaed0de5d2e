"""What introduces a name, what follows one, and what tells an eponym: parts of patterns."""

import re

TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Sr|Sra|Srta|Señora?|Dr|Drs|DR|Doctor|Prof|Professor|Nurse|Judge|Coach"
    r"|Sister|Brother|Father|Deacon"
    r"|Rev|Reverend|Pastor|Rabbi|Imam|Bishop|Chaplain|Pvt|Sgt|Cpl|Capt|Lt|Maj|Col|Gen|Officer|Chief"
    r"|Attorney|Papa|Mama|Uncle"
    r"|Aunt|Auntie|Grandma|Grandpa|Granny|Abuel[ao]|T[ií][ao]|Do[nñ]a|Master|Mister|Sheriff|Mayor"
    r"|Principal|Baby (?:[Bb]oy|[Gg]irl)"
    r"|Baby|Twins?|MR|MRS|MS)\b\.?"
)
RELATED = (
    r"(?:mother|father|son|daughter|brother|sister)[ -]in[ -]law|mother|father|mom|mum|dad|parents?|son|daughter"
    r"|wife|husband|spouse|partner|brother|sister"
    r"|cousin|aunt|uncle|niece|nephew"
    r"|grand(?:mother|father|son|daughter|ma|pa)|neighbou?r|friend|boyfriend|girlfriend|fianc[eé]e?"
    r"|roommate|caregiver|guardian"
    r"|contact|maiden name|twin|stepson|stepdaughter|stepfather|stepmother|widow|widower|proxy|poa|hcp"
    r"|interpreter|colleague"
    r"|coworker|co-worker|nurse|aide|therapist|pharmacist|pcp|doctor|surgeon|attorney|lawyer|boss"
    r"|employer|teacher|social worker"
)
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
BY = (
    r"(?:[Pp]er|[Bb]y|[Ff]rom|[Cc][Cc]|[Ff]or|[Oo]n|[Oo]f|[Aa]sk|[Pp]age|[Cc]all|[Tt]ell|[Tt]old|[Tt]o"
    r"|[Ss]ees?|[Ff]ollows? with|[Mm]eet"
    r"|[Tt]reating|[Ww]ith|[Ff]ax \w+ to|[Ss]end to|[Mm]anage)"
)
CREDENTIAL = r"(?:NP|PA-C|PA|MD|DO|RN|LPN|LCSW|MSW|PharmD|PhD|CNM|CRNA|DNP|FNP|APRN|DPM|DDS|DMD|BSN|CNA|DPT)\b"
AGED = (
    r"(?:\d{1,3}\s?(?:y|yo|yrs?|years?|mos?|[MFmf])\b|\d\d\d?\b(?! ?(?:mg|mcg|g\b|ml|%|units|/|days"
    r"|weeks|hours|months|score|points))|[MF]\b"
    r"|\((?:[Pp]hone|[Pp]h\b|MRN|DOB|SSN|they|she|he|age|goes)\b|[Gg]\d|[Aa]ged?\b|(?i:DOB|MRN|SSN"
    r"|acct|member id|dl num|ssn|phone|cell)\b"
    r"|who\b|is (?:a|an|the|my|our|here|now|back|\d|on|having|asking|still|in|due|scheduled|s/p|post"
    r"|doing|not|also)\b|has\b|had\b|was\b|came\b|called\b|wants\b|asks\b|asked\b"
    r"|and (?:his|her)\b|born\b|needs\b|reports\b|denies\b|presents\b|presented\b|presenting\b|c/o\b"
    r"|p/w\b|lives\b|takes\b|took\b|says\b|said\b|states\b|started\b"
    r"|stopped\b|refuses\b|declines\b|missed\b|fell\b|went\b|got\b|feels\b|felt\b|developed\b"
    r"|delivered\b|would like\b|is \d"
    r"|[a-z]+ contact\b|s/p\b|here (?:for|with)\b|a \w+ (?:man|woman|gentleman|lady|boy|girl|veteran"
    r"|patient|pt|teacher|farmer|nurse)\b"
    r"|the \w+ (?:man|woman|patient)\b|& [A-Z]|(?:family|household|baby|twins|boy|girl|kids|siblings|children)\b)"
)
EPONYM = (
    r"disease|syndrome|palsy|sign|score|scale|criteri|test|index|formula|equation|maneuver|manoeuvre"
    r"|classification|stage|grade|rule"
    r"|lymphoma|thyroiditis|tumou?r|anemia|arteritis|esophagus|fracture|procedure|operation|repair"
    r"|shunt|wrap|line|catheter|cyst|foot"
    r"|contracture|hernia|granulomatosis|encephalopathy|encephalitis|fever|virus|antigen|scan"
    r"|diverticul|murmur|nodes?|node|injury"
    r"|de \w+ syndrome|Witness|[Cc]linic|[Hh]ospital|[Gg]uid|[Mm]edic|[Uu]nivers|trial|antibody"
    r"|serology|stain|positive|negative"
    r"|bypass|block|pain|manual|protocol|nomogram|method|approach|technique|regimen|stud|paper|et al"
    r"|ulcer|sarcoma|body|bodies|cell"
    r"|rods?|phenomenon|reflex|staging|type|class\b|questionnaire|inventory|ring|triad|law|tube|drain"
    r"|device|valve|ligament|canal"
    r"|duct|gland|space|membrane|angle|plot|curve|model|correction|effect|agar|medium|habitus|root|vs"
    r"|v\.|\d{4}\b|carcinoma"
    r"|dystrophy|atrophy|chorea|ataxia|neuropathy|nephropathy|mastocytosis|purpura|anomaly"
    r"|malformation|deformity|deficiency"
    r"|diet|solution|agamma\w*|wort|paralysis|complex|dysplasia|neuroma|exam|position|incision|point|pouch|flap"
    r"|graft|stent"
    r"|prosthesis|plate|nail|splint|brace|bandage|collar"
)
# Two names that are a disease, a microbe, an author of what is cited: nobody's name here.
NOBODY = re.compile(
    r"(?:(?:New )?York Heart|Ann Arbor [IV]|Roth spot|San Joaquin [Vv]al|Kings?[’']?s? College crit|Lou Gehrig"
    r"|Ramsay Hunt|Austin Flint|Marcus Gunn|Miller Fisher|Charles Bonnet|Pierre Robin|Treacher Collins"
    r"|Jackson Pratt|Mary Jane|John Cunningham|Guthrie (?:spot|card|bacterial)|Graham Steell|Janz|Gerstmann"
    r"|Christmas (?:disease|factor)|Cornelia de Lange|Sister Mary Joseph|Joubert|Berry aneurysm|James Lind"
    r"|Dix Hallpike"
    r"|Wolf Hirschhorn|Cri du Chat|Loeys Dietz|Ehlers Danlos|Birt Hogg|Von Willebrand|Henry Ford|Jim Crow|Uncle Sam"
    r"|Bence Jones|Howell Jolly|Kirby Bauer|Rose Bengal|Ziehl Neelsen|Papanicolaou|Allan Herndon|Kearns Sayre"
    r"|(?:Dr|Doctor|Dr\.) (?:Google|Oz|Phil|Fauci|Spock|Seuss)|(?:[A-Z]\. ?)(?i:aureus|epidermidis|pneumo|pyogenes"
    r"|coli\b"
    r"|difficile|faec|viridans|bovis|mitis|lugd|albicans|glabrata|auris|krusei|jirovecii|fumigatus|stercoralis"
    r"|trachomatis"
    r"|aerug|malto|baumannii|cepacia|fragilis|henselae|burgdorferi|typhi|pylori|jejuni|tetani|botulinum|perfringens"
    r"|maltophilia|intermedius|anginosus|marcescens|catarrhalis|influenzae|monocytogenes|cruzi|gondii|vivax"
    r"|falciparum"
    r"|avium|abscessus|marinum|tuberculosis|leprae)|\w{2,20}(?:,? and \w{2,20})? (?:et al|and colleagues|trial"
    r"|study|paper|in (?:19|20)\d\d"
    r"|(?:19|20)\d\d (?:says|paper|trial|study|NEJM|JAMA|Lancet))|[A-Z]{2,4} \d(?!\d))"
)
