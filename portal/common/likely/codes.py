"""Codes that stand for somebody or something of theirs, by their form or the word some way before them."""

import re

_WORD = (
    r"(?:ins(?:urance)?|episode|payer|hosp(?:ital)?|med(?:ical)? rec(?:ord)?|mrn|mr|chart|case|file|unit|acct?"
    r"|account|encounter|visit|claim"
    r"|policy|member"
    r"|plan|group|subscriber|ref(?:erence)?|accession|specimen|sample|path|lab|order|req|rx|invoice|receipt|nhs|chi"
    r"|phn"
    r"|ohip|ahv|patient|pt|folder|dossier|card|docket|incident|report|booking|badge|inmate|student|study|registry"
    r"|tracking"
    r"|confirmation|auth(?:orization)?|ticket|prior auth|pa|tax|employee|staff|clock|union|locker|bar ?code|qr"
    r"|slide|block"
    r"|cassette|bag|donor)"
)
_THING = (
    r"(?:licen[cs]e|cert(?:ificate|ification)?|registration|permit|device|serial|passport|credential|badge|implant"
    r"|pump|lvad"
    r"|pacemaker|pacer|icd|valve|stent|mesh|lens|iol|hearing aids?|insulin pump|cpap|bipap|concentrator|wheelchair"
    r"|prosthe\w+"
    r"|stimulator|vns|dbs|cochlear|port|monitor|glucometer|cgm|sensor|plates?|vin|truck|car|vehicle|trailer|boat"
    r"|motorcycle"
    r"|bike|hunting|fishing|pilot|cdl|driver[’']?s?|visa|green card|voter|military|dog tag|barcode|medic ?alert"
    r"|bracelet"
    r"|wrist ?band|fingerprint|iris|retina\w*|finger|palm|voice ?print|face ?id|biometric|genome|sequenc\w+|bank"
    r"|routing"
    r"|loan|credit card|debit card|visa card)"
)
_CODE = (
    r"(?:[A-Z]{1,4} )?(?=[\w./-]{0,30}\d[\w./-]{0,30}\d[\w./-]{0,30}\d)(?!\d{1,3}[./]\d{1,3}\b(?![./-]))(?!(?:19"
    r"|20)\d\d\b(?![-/.]))"
    r"[A-Z\d]{1,20}(?:[-./ ]?[A-Z\d]{1,20}){0,5}"
)
_NOT_A_CODE = r"(?! ?(?:mg|mcg|ml|units|cm|mm|%|copies|ms|bpm|kg|lb|days|weeks))"

RULES = (
    # hosp. no. 88.412.07, case no CR/0094/25
    (
        "a record number",
        rf"\b{_WORD}\.?(?:\s?#|\s(?:no|num|nr|number|id|code)\b\.?|[:#])(?: is| was)?[ :#]{{0,2}}{_CODE}",
    ),
    # device ID on the LVAD is HM3-MLP-019922, licence as LPN PN 338104
    (
        "a record number",
        (
            rf"\b{_THING}\b(?:[’']s)?,?(?: (?!mg|mcg)[A-Za-z().]{{1,12}}){{0,5}}[ :#]{{1,3}}"
            rf"((?:[A-Z]{{1,3}} )?(?=[A-Z\d-]{{0,20}}\d{{4}})(?!(?:19|20)\d\d\b)[A-Z\d]{{2,}}"
            rf"(?:-[A-Z\d]{{2,}}){{0,4}}\b){_NOT_A_CODE}"
        ),
    ),
    (
        "a record number",
        (
            r"(?<![\w/.-])(?=[\w-]{0,20}\d{4})(?-i:[A-Z][A-Z\d]{1,9})(?:-(?-i:[A-Z\d]{2,12})){1,4}(?<!-19\d\d)"
            r"(?<!-20\d\d)"
            r"(?![\w/-])"
        ),
    ),
    # 8K3MNT, IRL.FCL.00417P
    (
        "a record number",
        r"(?<![\w./-])(?-i:(?=[A-Z\d]{6})\d{1,3}[A-Z]{1,3}\d[A-Z\d]{2,20}|[A-Z]{2,4}(?:\.[A-Z]{2,4})?\.\d{4,9}[A-Z]?)(?![\w/-])",
    ),
    # *A7730018*, barcode forms
    ("a record number", r"\*(?=[A-Z-]{0,8}\d{3})[A-Z\d-]{5,20}\*"),
    ("a record number", r"\b(?:[A-Z]{2,4}[/_]\d{2,6}[/_]\d{2,6}|\d{2,4}[/_][A-Z]{2,4}[/_]\d{2,6})\b(?!/)"),
    # post code 87305, SW1A 1AA
    (
        "a street address",
        (
            r"\b(?:post(?:al)? ?code|postcode|zip ?code|zip|cap|plz|pin ?code)\b[ :#]{0,2}(?:is |of )?(?:\d{4,6}\b"
            r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|[A-Z]\d[A-Z] ?\d[A-Z]\d\b)"
        ),
    ),
    # 4417 E Sycamore
    (
        "a street address",
        (
            r"\b\d{3,5} (?:[NSEW]{1,2}\.?|North|South|East|West) (?!coli|faec|epid|aur|pneu)(?-i:[A-Z][a-z]{3,20})"
            r"(?:,? (?:unit|apt|lot|#) ?\w{1,5})?"
        ),
    ),
    # off Elm and 3rd
    (
        "a street address",
        (
            r"\b(?:on|at|off|near|corner of|by) ((?-i:[A-Z][a-z]{2,20}|\d{1,3}(?:st|nd|rd|th)) (?:and|&|/) "
            r"(?:\d{1,3}(?:st|nd|rd|th)\b|(?-i:[A-Z][a-z]{2,20}) (?:st|street|ave|rd|blvd)\b))"
        ),
    ),
    # DSC_0418.jpg
    (
        "a web or network address",
        (
            r"(?<![\w/.])[\w-]{1,60}\.(?:jpe?g|png|heic|gif|bmp|tiff?|dcm|dicom|pdf|docx?|xlsx?|mov|mp4|avi|wav|mp3"
            r"|m4a"
            r"|zip|bam"
            r"|vcf|fastq)\b"
        ),
    ),
    ("a web or network address", r"(?<![\w:.])(?=[\da-f:]{0,36}::)[\da-f]{1,4}(?::[\da-f]{0,4}){2,7}(?![\w:])"),
)
COMPILED = [(kind, re.compile(rule, re.IGNORECASE)) for kind, rule in RULES]
