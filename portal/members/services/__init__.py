"""What changes people, organizations, roles and tokens. Each is one transaction that also writes the audit event.

They raise ``problems.Refused`` (not this person), ``problems.Conflict`` (not as things are) and ``problems.Invalid``
(a field), each with a sentence for the person acting.
"""
