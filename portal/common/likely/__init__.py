"""What each kind of likely identifier looks like when typed, a module a kind. Pure; used by portal.common.identifiers.

``RULES`` of a module are pairs of a kind and a pattern; a group of the pattern marks what identifies. No pattern
nests a repetition without bound in another: each text takes a time that grows as its length does.
"""
