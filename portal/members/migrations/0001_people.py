"""People, and where they belong: what the tables of other packages refer to."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import portal.members.models
from portal.common.tables import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("members", "0001_initial"),
        ("members", "0004_specialist_profiles"),
        ("members", "0005_absences"),
        ("members", "0006_stand_ins_and_audit_exports"),
        ("members", "0009_single_sign_on"),
        ("members", "0010_applications"),
        ("members", "0011_contacts_and_signed"),
        ("members", "0012_audit_exports_moved"),
        ("members", "0013_provider_asks_second_step"),
    ]
    dependencies = []
    operations = [
        AtOnce(
            migrations.CreateModel(
                name="Person",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("password", models.CharField(max_length=128, verbose_name="password")),
                    ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                    ("email", models.EmailField(max_length=254)),
                    ("name", models.CharField(max_length=120)),
                    (
                        "time_zone",
                        models.CharField(
                            default="America/Chicago",
                            max_length=60,
                            validators=[portal.members.models.validate_time_zone],
                        ),
                    ),
                    (
                        "facility",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="people",
                            to="members.facility",
                        ),
                    ),
                    (
                        "own_specialty",
                        models.ForeignKey(
                            blank=True,
                            help_text="The field they practise; whom they answer for is a role",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="members.specialty",
                        ),
                    ),
                    (
                        "npi",
                        models.CharField(blank=True, max_length=10, validators=[portal.members.models.validate_npi]),
                    ),
                    ("is_active", models.BooleanField(default=True)),
                    (
                        "is_demonstration",
                        models.BooleanField(default=False, help_text="Made by load_demonstration, password printed"),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("deactivated_at", models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    "verbose_name_plural": "people",
                    "ordering": ["name", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            django.db.models.functions.text.Lower("email"), name="person_email_once"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("deactivated_at__isnull", True), ("is_active", True)),
                                models.Q(("deactivated_at__isnull", False), ("is_active", False)),
                                _connector="OR",
                            ),
                            name="person_deactivated_at_pairs",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Facility",
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
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="facilities",
                            to="members.organization",
                        ),
                    ),
                    ("name", models.CharField(max_length=120)),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("hospital", "Hospital"),
                                ("rehabilitation", "Rehabilitation hospital"),
                                ("clinic", "Clinic"),
                                ("home-care", "Home-care agency"),
                                ("residential", "Congregate living facility"),
                            ],
                            max_length=20,
                        ),
                    ),
                    (
                        "parent",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="parts",
                            to="members.facility",
                        ),
                    ),
                ],
                options={
                    "verbose_name_plural": "facilities",
                    "ordering": ["name"],
                    "constraints": [
                        models.UniqueConstraint(fields=("organization", "name"), name="facility_name_once"),
                        models.CheckConstraint(
                            condition=models.Q(("parent", models.F("id")), _negated=True),
                            name="facility_not_its_own_part",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Organization",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "allowed_networks",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=43), blank=True, default=list, size=None
                        ),
                    ),
                    (
                        "second_factor_for",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("", "Each person chooses"),
                                ("administrators", "Its administrators must"),
                                ("everybody", "Everybody must"),
                            ],
                            max_length=14,
                        ),
                    ),
                    ("second_factor_from", models.DateField(blank=True, null=True)),
                    ("session_idle_minutes", models.PositiveIntegerField(blank=True, null=True)),
                    ("session_hours", models.PositiveIntegerField(blank=True, null=True)),
                    ("name", models.CharField(max_length=120, unique=True)),
                    ("slug", models.SlugField(unique=True)),
                    (
                        "tier",
                        models.CharField(
                            choices=[("member", "Network member"), ("regional", "Regional provider of the centre")],
                            default="member",
                            max_length=10,
                        ),
                    ),
                    (
                        "time_zone",
                        models.CharField(
                            default="America/Chicago",
                            max_length=60,
                            validators=[portal.members.models.validate_time_zone],
                        ),
                    ),
                    ("second_factor_required", models.BooleanField(default=False)),
                    (
                        "membership",
                        models.CharField(
                            choices=[("joining", "Joining"), ("active", "Active"), ("ended", "Ended")],
                            default="active",
                            help_text="As its newest period; portal.members.services.membership writes both",
                            max_length=10,
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("deactivated_at", models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    "ordering": ["name"],
                },
            ),
            migrations.CreateModel(
                name="Specialty",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("slug", models.SlugField(unique=True)),
                    ("name", models.CharField(max_length=80, unique=True)),
                ],
                options={
                    "verbose_name_plural": "specialties",
                    "ordering": ["name"],
                },
            ),
        )
    ]
