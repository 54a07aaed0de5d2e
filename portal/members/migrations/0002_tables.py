"""The tables of members."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import portal.members.models_house
import portal.members.models_sso
from portal.common.tables import AtOnce


class Migration(migrations.Migration):
    replaces = [
        ("members", "0003_local_editor"),
    ]
    dependencies = [
        # 0001_people by its last old name: where a part alone of what it stands for was applied, Django says so.
        ("members", "0013_provider_asks_second_step"),
        # Those of other packages come before, while there are few models to render anew beside theirs.
        ("account", "0009_emailaddress_unique_primary_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("usersessions", "0001_initial"),
    ]
    operations = [
        AtOnce(
            migrations.CreateModel(
                name="ApiToken",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="tokens",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("name", models.CharField(max_length=80)),
                    ("digest", models.CharField(max_length=64, unique=True)),
                    ("hint", models.CharField(help_text="Its first characters, to tell it from others", max_length=8)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("expires_at", models.DateTimeField()),
                    ("revoked_at", models.DateTimeField(null=True)),
                    ("last_used_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-created_at"],
                },
            ),
            migrations.CreateModel(
                name="Role",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="roles",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "name",
                        models.CharField(
                            choices=[
                                ("clinician", "Clinician"),
                                ("organization-administrator", "Organization administrator"),
                                ("local-editor", "Local editor"),
                                ("specialist", "Specialist"),
                                ("section-lead", "Section lead"),
                                ("editor", "Editor"),
                                ("network-administrator", "Network administrator"),
                                ("auditor", "Auditor"),
                            ],
                            max_length=30,
                        ),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="roles",
                            to="members.organization",
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="roles",
                            to="members.specialty",
                        ),
                    ),
                    ("given_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["name", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("person", "name", "organization", "specialty"),
                            name="role_once",
                            nulls_distinct=False,
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("name__in", ["clinician", "organization-administrator", "local-editor"]),
                                    ("organization__isnull", False),
                                    ("specialty__isnull", True),
                                ),
                                models.Q(
                                    ("name__in", ["specialist", "section-lead"]),
                                    ("organization__isnull", True),
                                    ("specialty__isnull", False),
                                ),
                                models.Q(
                                    ("name__in", ["editor", "network-administrator", "auditor"]),
                                    ("organization__isnull", True),
                                    ("specialty__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="role_has_its_place",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Invitation",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("email", models.EmailField(max_length=254)),
                    (
                        "role",
                        models.CharField(
                            choices=[
                                ("clinician", "Clinician"),
                                ("organization-administrator", "Organization administrator"),
                                ("local-editor", "Local editor"),
                                ("specialist", "Specialist"),
                                ("section-lead", "Section lead"),
                                ("editor", "Editor"),
                                ("network-administrator", "Network administrator"),
                                ("auditor", "Auditor"),
                            ],
                            max_length=30,
                        ),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            to="members.organization",
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="members.specialty"
                        ),
                    ),
                    ("digest", models.CharField(max_length=64, unique=True)),
                    (
                        "invited_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("name", models.CharField(blank=True, max_length=120)),
                    (
                        "facility",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="members.facility",
                        ),
                    ),
                    (
                        "own_specialty",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="members.specialty",
                        ),
                    ),
                    ("npi", models.CharField(blank=True, max_length=10)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("expires_at", models.DateTimeField()),
                    ("accepted_at", models.DateTimeField(null=True)),
                    ("revoked_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-created_at"],
                },
            ),
            migrations.CreateModel(
                name="SpecialistProfile",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="specialist_profile",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "languages",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                        ),
                    ),
                    ("interests", models.CharField(blank=True, max_length=500)),
                    (
                        "answers_when",
                        models.CharField(blank=True, help_text="When they usually answer", max_length=200),
                    ),
                    ("is_listed", models.BooleanField(default=True)),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
            ),
            migrations.CreateModel(
                name="Absence",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="absences",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("start_at", models.DateTimeField()),
                    ("end_at", models.DateTimeField()),
                    ("event", models.CharField(blank=True, help_text="Of the calendar it came from", max_length=200)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["start_at", "end_at", "id"],
                    "indexes": [models.Index(fields=["person", "end_at"], name="absence_person")],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("end_at__gt", models.F("start_at"))), name="absence_ends_later"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("event", ""), _negated=True),
                            fields=("person", "event"),
                            name="absence_once_from_a_calendar",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="StandIn",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "administrator",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="stand_ins",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("reason", models.CharField(max_length=300)),
                    ("began_at", models.DateTimeField()),
                    ("ends_at", models.DateTimeField()),
                    ("ended_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-began_at", "-id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("reason", ""), _negated=True), name="stand_in_has_a_reason"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("ends_at__gt", models.F("began_at"))), name="stand_in_is_limited"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("person", models.F("administrator")), _negated=True),
                            name="stand_in_for_somebody_else",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("ended_at", None)),
                            fields=("administrator",),
                            name="stand_in_one_at_a_time",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Roster",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="rosters",
                            to="members.organization",
                        ),
                    ),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("text", models.TextField(help_text="As it came, decoded; emptied once it is sent")),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("checking", "Being checked"),
                                ("checked", "Checked, nothing sent"),
                                ("sending", "Being sent"),
                                ("sent", "Sent"),
                            ],
                            default="checking",
                            max_length=10,
                        ),
                    ),
                    (
                        "problem",
                        models.CharField(
                            blank=True, help_text="What is wrong with the list as a whole", max_length=500
                        ),
                    ),
                    ("total", models.PositiveIntegerField(default=0)),
                    ("bad", models.PositiveIntegerField(default=0)),
                    (
                        "done",
                        models.PositiveIntegerField(default=0, help_text="Lines checked, or invitations sent, so far"),
                    ),
                    ("ended_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-made_at", "-id"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("state__in", ["checking", "sending"])),
                            fields=["id"],
                            name="roster_waiting",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="RosterLine",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "roster",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="members.roster"
                        ),
                    ),
                    ("line", models.PositiveIntegerField(help_text="In the file, from 1")),
                    ("email", models.CharField(blank=True, max_length=254)),
                    ("name", models.CharField(blank=True, max_length=120)),
                    ("role", models.CharField(blank=True, max_length=30)),
                    (
                        "facility",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="members.facility",
                        ),
                    ),
                    (
                        "own_specialty",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="members.specialty",
                        ),
                    ),
                    ("npi", models.CharField(blank=True, max_length=10)),
                    ("problems", models.JSONField(default=list, help_text="Rows of column, value and what to do")),
                    ("is_bad", models.BooleanField(default=False)),
                    (
                        "invitation",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="members.invitation",
                        ),
                    ),
                    ("dealt_with_at", models.DateTimeField(null=True)),
                    (
                        "why_not",
                        models.CharField(blank=True, help_text="Why it could not be sent in the end", max_length=300),
                    ),
                ],
                options={
                    "ordering": ["line"],
                    "indexes": [models.Index(fields=["roster", "is_bad", "line"], name="roster_line_bad")],
                    "constraints": [models.UniqueConstraint(fields=("roster", "line"), name="roster_line_once")],
                },
            ),
            migrations.CreateModel(
                name="JoinRequest",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="join_requests",
                            to="members.organization",
                        ),
                    ),
                    ("email", models.EmailField(max_length=254)),
                    ("name", models.CharField(max_length=120)),
                    ("digest", models.CharField(max_length=64, unique=True)),
                    ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("expires_at", models.DateTimeField()),
                    ("proven_at", models.DateTimeField(null=True)),
                    ("decided_at", models.DateTimeField(null=True)),
                    (
                        "decided_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "invitation",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="members.invitation",
                        ),
                    ),
                ],
                options={
                    "ordering": ["asked_at", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("decided_at", None), ("proven_at__isnull", False)),
                            fields=("organization", "email"),
                            name="join_request_waits_once",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="OrganizationDomain",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="domains",
                            to="members.organization",
                        ),
                    ),
                    ("domain", models.CharField(max_length=253)),
                    ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "confirmed_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["domain"],
                    "constraints": [
                        models.UniqueConstraint(fields=("organization", "domain"), name="domain_once_an_organization"),
                        models.UniqueConstraint(
                            django.db.models.functions.text.Lower("domain"),
                            condition=models.Q(("confirmed_at__isnull", False)),
                            name="domain_confirmed_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="DirectoryPerson",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="directory_people",
                            to="members.organization",
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    (
                        "described",
                        models.JSONField(
                            default=dict, help_text="What the directory sent of the attributes that are kept"
                        ),
                    ),
                    ("user_name", models.CharField(max_length=254)),
                    ("external_id", models.CharField(blank=True, max_length=255)),
                    ("is_active", models.BooleanField(default=True)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("organization", "person"), name="directory_person_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="DirectoryGroup",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="directory_groups",
                            to="members.organization",
                        ),
                    ),
                    ("name", models.CharField(max_length=255)),
                    ("external_id", models.CharField(blank=True, max_length=255)),
                    (
                        "role",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("clinician", "Clinician"),
                                ("local-editor", "Local editor"),
                                ("organization-administrator", "Organization administrator"),
                            ],
                            max_length=30,
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("members", models.ManyToManyField(related_name="groups", to="members.directoryperson")),
                ],
                options={
                    "ordering": ["id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("organization", "name"), name="directory_group_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("role__in", ["", "clinician", "local-editor", "organization-administrator"])
                            ),
                            name="directory_group_gives_its_own_roles",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="IdentityProvider",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="identity_provider",
                            to="members.organization",
                        ),
                    ),
                    (
                        "key",
                        models.CharField(
                            default=portal.members.models_sso.new_key,
                            editable=False,
                            help_text="In its addresses",
                            max_length=16,
                            unique=True,
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(choices=[("oidc", "OpenID Connect"), ("saml", "SAML 2.0")], max_length=4),
                    ),
                    ("server_url", models.URLField(blank=True, help_text="OIDC: the issuer", max_length=500)),
                    ("client_id", models.CharField(blank=True, max_length=191)),
                    ("locked_secret", models.TextField(blank=True)),
                    (
                        "metadata_url",
                        models.URLField(blank=True, help_text="SAML: where its metadata are", max_length=500),
                    ),
                    ("entity_id", models.CharField(blank=True, max_length=500)),
                    ("sign_in_url", models.URLField(blank=True, max_length=500)),
                    ("certificate", models.TextField(blank=True)),
                    (
                        "default_role",
                        models.CharField(
                            blank=True,
                            choices=[("clinician", "Clinician"), ("", "Nobody is added at sign-in")],
                            max_length=10,
                        ),
                    ),
                    (
                        "default_facility",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="members.facility",
                        ),
                    ),
                    (
                        "asks_second_step",
                        models.BooleanField(
                            db_default=False, default=False, help_text="Its word for a second step counts here"
                        ),
                    ),
                    ("is_on", models.BooleanField(default=False)),
                    ("is_only_way", models.BooleanField(default=False)),
                    ("checked_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "problem",
                        models.CharField(blank=True, help_text="What the last check found wrong", max_length=500),
                    ),
                    (
                        "tried_at",
                        models.DateTimeField(
                            blank=True, help_text="Last trial that would have let its person in", null=True
                        ),
                    ),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("is_on", False),
                                models.Q(("checked_at__isnull", False), ("problem", "")),
                                _connector="OR",
                            ),
                            name="provider_on_only_when_checked",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("is_only_way", False),
                                models.Q(("is_on", True), ("tried_at__isnull", False)),
                                _connector="OR",
                            ),
                            name="provider_only_way_only_when_tried",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ProvisioningToken",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="provisioning_tokens",
                            to="members.organization",
                        ),
                    ),
                    ("name", models.CharField(max_length=80)),
                    ("digest", models.CharField(max_length=64, unique=True)),
                    ("hint", models.CharField(max_length=8)),
                    (
                        "created_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("last_used_at", models.DateTimeField(null=True)),
                    ("revoked_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-created_at", "-id"],
                },
            ),
            migrations.CreateModel(
                name="Application",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("street", models.CharField(blank=True, max_length=120)),
                    ("city", models.CharField(blank=True, max_length=80)),
                    ("region", models.CharField(blank=True, help_text="State or province", max_length=60)),
                    ("postal_code", models.CharField(blank=True, max_length=12)),
                    (
                        "key",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, help_text="In its signed link", unique=True
                        ),
                    ),
                    ("name", models.CharField(max_length=120)),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("health-system", "Health system"),
                                ("hospital", "Hospital"),
                                ("rehabilitation", "Rehabilitation hospital"),
                                ("practice-group", "Practice group"),
                                ("clinic", "Clinic"),
                                ("home-care", "Home-care agency"),
                                ("residential", "Congregate living facility"),
                                ("other", "Something else"),
                            ],
                            max_length=20,
                        ),
                    ),
                    ("contact_name", models.CharField(max_length=120)),
                    ("contact_email", models.EmailField(max_length=254)),
                    ("clinicians", models.PositiveIntegerField()),
                    ("hopes", models.TextField(blank=True)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("unconfirmed", "Address not confirmed"),
                                ("waiting", "Waiting for the network"),
                                ("asked", "Waiting for the applicant"),
                                ("accepted", "Accepted"),
                                ("declined", "Declined"),
                            ],
                            default="unconfirmed",
                            max_length=12,
                        ),
                    ),
                    ("applied_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("confirmed_at", models.DateTimeField(null=True)),
                    ("decided_at", models.DateTimeField(null=True)),
                    (
                        "decided_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "reason",
                        models.CharField(
                            blank=True, help_text="Why it was declined; the applicant reads it", max_length=1000
                        ),
                    ),
                    (
                        "organization",
                        models.OneToOneField(
                            help_text="Once accepted",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="application",
                            to="members.organization",
                        ),
                    ),
                    (
                        "invitation",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="members.invitation",
                        ),
                    ),
                ],
                options={
                    "ordering": ["-confirmed_at", "-id"],
                    "indexes": [models.Index(fields=["state", "-confirmed_at"], name="application_state")],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("confirmed_at", None), ("state", "unconfirmed")),
                                models.Q(
                                    ("confirmed_at__isnull", False),
                                    ("state__in", ["waiting", "asked", "accepted", "declined"]),
                                ),
                                _connector="OR",
                            ),
                            name="application_confirmed_before_it_counts",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("decided_at__isnull", False), ("state__in", ["accepted", "declined"])),
                                models.Q(("decided_at", None), ("state__in", ["unconfirmed", "waiting", "asked"])),
                                _connector="OR",
                            ),
                            name="application_decided_has_its_time",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("organization__isnull", False), ("state", "accepted")),
                                models.Q(models.Q(("state", "accepted"), _negated=True), ("organization", None)),
                                _connector="OR",
                            ),
                            name="application_accepted_is_an_organization",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "declined"), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="application_declined_with_a_reason",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ApplicationCheck",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "application",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="members.application"
                        ),
                    ),
                    ("item", models.SlugField(help_text="As in checklist.yaml", max_length=60)),
                    ("is_done", models.BooleanField()),
                    (
                        "by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["id"],
                },
            ),
            migrations.CreateModel(
                name="ApplicationNote",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "application",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="members.application"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("note", "Note"),
                                ("asked", "Asked the applicant"),
                                ("answered", "The applicant answered"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("text", models.TextField()),
                    (
                        "by",
                        models.ForeignKey(
                            help_text="None: the applicant",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("by", None), ("kind", "answered")),
                                models.Q(models.Q(("kind", "answered"), _negated=True), ("by__isnull", False)),
                                _connector="OR",
                            ),
                            name="application_note_has_its_writer",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="MembershipPeriod",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="periods",
                            to="members.organization",
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("applied", "Applied"),
                                ("joining", "Joining"),
                                ("active", "Active"),
                                ("ended", "Ended"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("starts_at", models.DateTimeField()),
                    ("ends_at", models.DateTimeField(null=True)),
                    ("why", models.CharField(max_length=1000)),
                    (
                        "by",
                        models.ForeignKey(
                            help_text="None: the site",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["starts_at", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("ends_at", None)),
                            fields=("organization",),
                            name="membership_one_period_at_a_time",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ends_at", None), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                            ),
                            name="membership_ends_after_it_starts",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("why", ""), _negated=True), name="membership_says_why"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SignedDocument",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="signed_documents",
                            to="members.organization",
                        ),
                    ),
                    ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ("title", models.CharField(max_length=120)),
                    ("signed_on", models.DateField()),
                    ("signed_by", models.CharField(help_text="Names, as on the paper", max_length=200)),
                    ("name", models.CharField(help_text="Of the file", max_length=120)),
                    ("size", models.PositiveIntegerField()),
                    ("file", models.FileField(upload_to=portal.members.models_house.signed_path)),
                    (
                        "added_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "removed_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("removed_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-signed_on", "-id"],
                },
            ),
            migrations.CreateModel(
                name="Contact",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="contacts",
                            to="members.organization",
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("main", "First contact"),
                                ("clinical", "Clinical"),
                                ("billing", "Billing"),
                                ("it", "IT"),
                                ("signing", "Signs for the organization"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("name", models.CharField(max_length=120)),
                    ("email", models.EmailField(max_length=254)),
                    ("phone", models.CharField(blank=True, max_length=30)),
                ],
                options={
                    "ordering": ["kind", "name", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("organization", "kind", "email"), name="contact_once_for_a_kind"
                        )
                    ],
                },
            ),
        )
    ]
