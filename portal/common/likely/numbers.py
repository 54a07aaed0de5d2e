"""Numbers and codes that stand for a person: telephone, record, plan, device, vehicle, address on the network."""

import re

# A number of 4 digits or more, or one with letters and hyphens, after the word for what it numbers.
_RECORD = (
    r"(?:mrn|med(?:ical)? rec(?:ord)?|chart|account|acct|encounter|accession|specimen|inmate|prisoner|student|donor"
    r"|order(?! \d+ ?m)|prescription|rx|policy|subscriber|member|medicare|medicaid|health plan|plan"
    r"|insurance|group|grp"
    r"|license|licence|plate|reads|vin|serial|device|room|bed|case|claim|permit|certificate|passport|badge|imei|udi"
    r"|beneficiary|confirmation|tracking|employee|aetna|bcbs"
    r"|blue cross|cigna|humana|uhc|anthem|tricare|molina)"
)
# Words that number something only where a mark says so, or the number is long: "hosp # 12", not "hosp 12 days".
_WEAK = (
    r"(?:hosp(?:ital)?|lot|ref(?:erence|erral)?|file|sample|acc|enc|visit|tag|model|subject|participant|study|pa|auth"
    r"|authorization|ticket|dl|driver[’']?s?|fin|har|csn|npi|dea|mbi|s/n|sn|unit|record|rec|pt|patient"
    r"|id|case|test|lab"
    r"|req(?:uisition)?|barcode|implant|pump|pacemaker|device|batch|bag|rm|state id|tax id|voucher|invoice|bill|check"
    r"|card|gov(?:ernment)? id|registration|reg|dod|edipi|va|alien|green card|bank|routing|iban|locker"
    r"|pin|cert|uhid|pat|umrn|upi"
    r"|empi|hicn|ehr|emr|mr)"
)
_NUMBERED = r"(?:\s?(?:no|number|num|nr|id|is|plate|reads|serial|ending|in)\b\.?|[#:.,]|\s){0,6}"
_MARKED = r"(?:\s?(?:#|\b(?:no|num|number|nr|id)\b\.?))(?:\s?(?:is|was)\b)?[\s#:]{0,3}"
_NUMBER = r"(?:(?:[A-Z]{2,4}|rx) )?(?=[\w/-]*\d[\w/-]*\d)[A-Z]{0,4}[\dA-Z][\w-]*(?:[ -][\w-]*\d[\w-]*)*"
_PIECE = r"(?=[\w-]{0,20}\d[\w-]{0,20}\d)[\w-]{2,40}(?:[ -]\d[\w-]{1,20}){0,3}"
_LONG = r"[A-Z]{0,4}-?\d[\d-]{3,30}\w{0,10}"
_AT = r"(?: ?(?:\(at\)|\[at\]|\{at\}) ?| at )"
_DOT = r"(?: ?(?:\(dot\)|\[dot\]|\{dot\}) ?| dot )"
_SITE = r"(?:com|org|net|edu|example|info|io|us|me|health|co|app)"
_DIALLED = (
    r"(?:ph|phone|call(?: (?:me|him|her|them))?|text(?:ed|s)?(?: (?:me|him|her|them))?|txt|fax|cell"
    r"|cellphone|mobile|mob"
    r"|tel|telephone|reach\w*|landline|voicemail|vm|whatsapp|pager|beeper|pgr|paged?|callback|call back|hotline|dial"
    r"|home|work|office|contact|number|desk)"
)

RULES = (
    ("an e-mail address", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}\b"),
    (
        "an e-mail address",
        (
            rf"(?<![\w.+-])(?:[\w-]{{1,30}}{_DOT})?[\w.+-]{{1,64}}(?:{_AT}|@)[\w-]{{1,63}}"
            rf"(?:{_DOT}[\w-]{{1,63}}){{1,3}}\b"
        ),
    ),
    ("an e-mail address", rf"(?<![\w.+-])[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}\.{_SITE}\b"),
    (
        "an e-mail address",
        r"(?<![\w.+-])[\w.+-]{1,64}(?:@| ?\(at\) ?| at )(?:gmail|yahoo|hotmail|outlook|icloud|aol|protonmail)\b",
    ),
    (
        "a social security number",
        (
            r"\b\d{3}[- ]\d{2}[- ]\d{4}[A-Z]?\d?\b|\b(?:ssn|ss ?#|ss no|soc(?:ial)?(?: sec(?:urity)?)?)\b"
            r"(?:[ :#.]|number|num|no|is|ending(?: in)?|ends?(?: in)?|last (?:four|4)|digits|of){0,8}\d{4,9}\b"
        ),
    ),
    (
        "a social security number",
        (
            r"\blast (?:four|4)(?: digits)?(?: (?:of|his|her|their|the|ssn|soc(?:ial)?|sec(?:urity)?|number"
            r"|are|is)){0,6}"
            r"[ :#]{0,3}\d{4}\b|[x*]{1,3}-?[x*]{2}-?\d{4}\b"
        ),
    ),
    ("a telephone number", r"(?<![\d.])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}\b(?<!800-222-1222)"),
    # 07700 900418, (01) 555 0104, +33 6 39 98 14 02; 555.0190
    ("a telephone number", r"(?<![\w.+(])(?:\+|\(?0)(?=(?:[ ().-]{0,2}\d){8,15})[\d ().-]{8,24}\d"),
    ("a telephone number", r"(?<![\w.])\d{3}\.\d{4}(?![\w.])"),
    (
        "a telephone number",
        (
            rf"\b{_DIALLED}\b[^.?\d]{{0,40}}\+?\d{{7,11}}\b|(?<![\w.-])\d{{3}}-\d{{4}}(?![\w-])"
            rf"|\b{_DIALLED}\b[^?\d;]{{0,25}}(?<![\d.])\(?\d{{3}}\)?[ .-]{{1,2}}\d{{4}}\b"
        ),
    ),
    (
        "a telephone number",
        (
            r"\b(?:pager|beeper|pgr|ext(?:ension)?|(?:page|beep)(?: me)?(?: at| on)?)\b\.?[ #:]{0,3}(?:is |no "
            r"|at )?\d{3,7}\b(?! ?deg)"
        ),
    ),
    ("a record number", rf"\b{_RECORD}\b(?:[’']s)?(?:\s(?:of|for) \w+ [\w ]{{0,20}})?{_NUMBERED}{_NUMBER}"),
    ("a record number", rf"\b{_WEAK}(?:\b|(?=#)){_MARKED}{_PIECE}|\b(?:{_WEAK}|s/n|sn|dl)\b[ :.]{{1,2}}{_LONG}"),
    ("a record number", rf"\b(?:s/n|sn|dl|udi|imei|lot|mbi|uhid|hicn)\b[ :.#]{{1,3}}{_PIECE}"),
    (
        "a record number",
        (
            r"\b(?:plates?|tag)\b(?: (?:no|number|reads|is|was)\b){0,2}[ :#]{1,2}(?=[A-Z]{0,4}["
            r" -]?[A-Z]{0,4}\d)[A-Z\d]{1,4}[ -]?[A-Z\d]{2,4}\b"
        ),
    ),
    (
        "a record number",
        (
            r"\b(?:id|wrist) ?band\b[ :#]{0,2}[\d-]{3,20}(?: \d{2,6}){0,3}|(?<![\w./-])\d{3,4} \d{3} \d{3,4}\b"
            r"|\bward \d{1,2}[A-Z]?\b"
        ),
    ),
    ("a record number", r"\b(?:mrn|chart|room|bed|rm)\b[ #:]*\d[\w-]+"),
    (
        "a record number",
        r"\b(?:no|nr|num|number)\b[.: ]{1,2}(?=[\w/-]{0,12}\d[\w/-]{0,12}\d{3})(?!(?:19|20)\d\d\b)[\w/-]{4,30}",
    ),
    ("a record number", r"#\s?[A-Z]{0,3}[\d-]{5,}|\b[A-Z]{1,3}-?\d{2}-\d{4,}\b"),
    # By itself: letters before or among many digits, digits in groups of odd lengths, or seven digits and more.
    (
        "a record number",
        (
            r"(?<![\w./-])(?!nct|pmid|pmc|isrctn|doi|covid|chictr|rs\d|chir|linc|mir|cd\d|hla|grch|sars)"
            r"(?<!pmid )(?<!pmid: )(?<!pmc )"
            r"(?![A-Z]\d{2,5}[A-Z](?!\w))(?:[A-Z]{1,4}-?\d{5,20}[A-Z\d]{0,8}|\d{1,4}[A-Z]{1,4}\d{5,20}"
            r"|[A-Z]{1,4}\d{0,6}-\d{3,9}-\w{2,12}"
            r"|\d{7,14})"
            r"(?![\w/]|[.,]\d)"
        ),
    ),
    ("a record number", r"\b(?=[A-Z]{0,16}\d)(?=\d{0,16}[A-Z])[A-HJ-NPR-Z\d]{17}\b"),
    ("a record number", r"\b[1-9][A-Z][A-Z\d]\d-[A-Z][A-Z\d]\d-[A-Z]{2}\d{2}\b"),
    ("a web or network address", r"\bhttps?://\S+|\bwww\.\S+|\b(?:\d{1,3}\.){3}\d{1,3}\b"),
    (
        "a web or network address",
        (
            r"(?<![\w:.])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b|(?<![\w:.])"
            r"(?:[0-9a-f]{1,4}:){4,7}:?[0-9a-f]{1,4}\b"
        ),
    ),
    (
        "a web or network address",
        r"(?<![\w.@-])[\w-]{2,63}(?:\.[\w-]{2,63}){0,3}\.(?:com|org|net|info|io|me|example)\b(?:/\S*)?",
    ),
    (
        "a web or network address",
        (
            r"(?<![\w@./-])(?=\w{0,30}[a-z]_|\w{0,30}_[a-z])\w{2,30}_\w{2,30}(?:#\d+)?|(?<![\w@./-])[a-z]\w{3,30}#\d{3,}|"
            r"(?<![\w.@])@(?!bed|night|home|rest|least)[a-z_][\w.]{2,30}\b|\b(?:instagram|insta|tiktok|twitter"
            r"|facebook|fb"
            r"|snapchat|whatsapp|telegram|reddit|discord|mychart|handle|user ?name|user|login|screen name)\b"
            r"(?: (?:handle|account|name|id|page|group|user|is|as)){0,3}[ :]{1,2}@?("
            r"(?=[\w.-]{0,30}[\d_.]\w)[\w.-]{4,40})"
        ),
    ),
)
COMPILED = [(kind, re.compile(rule, re.IGNORECASE)) for kind, rule in RULES]
