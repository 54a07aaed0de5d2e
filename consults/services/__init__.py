"""What changes a consult. Each is one transaction that also writes the timeline, the audit event and the outbox.

Every service takes ``by`` (the person acting) and ``at`` (the moment, aware). They raise
``problems.Refused`` (not this person), ``problems.Conflict`` (not in this state) and ``problems.Invalid`` (a field).
"""
