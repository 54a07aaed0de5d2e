"""What a SAML provider calls a person, where that lasts longer than one sign-in."""

from typing import Any

from allauth.socialaccount.providers.saml.provider import SAMLProvider

TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
LASTING = ("urn:oasis:names:tc:SAML:attribute:subject-id", "urn:oasis:names:tc:SAML:attribute:pairwise-id")


class LastingProvider(SAMLProvider):  # type: ignore[misc] # allauth has no types
    """A transient NameID is a new one at each sign-in (SAML 2.0 core, 8.3.8), so that it cannot be who somebody is.

    SimpleSAMLphp and Shibboleth send one unless told otherwise. Then the subject identifier that the provider sends as
    an attribute (OASIS SAML subject identifier attributes 1.0) stands in its place; without one, nothing does: an
    address may be given to another. As allauth wants some identifier, it is then ``TRANSIENT``, which is nobody's.
    """

    def extract_uid(self, data: Any) -> str:
        if data.get_nameid_format() != TRANSIENT:
            return str(super().extract_uid(data) or "")
        told = data.get_attributes()
        return str(next((told[name][0] for name in LASTING if told.get(name)), TRANSIENT))
