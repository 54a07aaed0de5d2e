"""What must hold before the site serves anyone."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

_ROLE = """
SELECT r.rolname, r.rolsuper, r.rolbypassrls,
       (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p'))
  FROM pg_roles r WHERE r.rolname = current_user
"""


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured when row-level security would be void, or demonstration accounts are in production."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        name, superuser, bypasses, owned = cursor.fetchone()
    if superuser or bypasses or owned:
        why = "is a superuser" if superuser else "bypasses row-level security" if bypasses else f"owns {owned} tables"
        raise ImproperlyConfigured(
            f"The database role {name} {why}, so that row-level security would protect nothing. Give DATABASE_URL "
            "the application's role, which owns nothing, and keep the owner's role for DATABASE_OWNER_URL."
        )
    if settings.PRODUCTION:
        _refuse_demonstration_accounts()
    connection.close()


def _refuse_demonstration_accounts() -> None:
    from django.contrib.auth import get_user_model

    found = get_user_model()._default_manager.filter(is_demonstration=True, is_active=True).count()
    if found:
        raise ImproperlyConfigured(
            f"{found} demonstration accounts with a published password can sign in. "
            "Run `manage.py remove_demonstration_accounts`, or start with an empty database."
        )
