"""The words of questions and answers, kept beside them, so that a search need not work them out."""

import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consults", "0010_availability"),
        ("knowledge", "0011_an_index_on_every_host"),
    ]

    operations = [
        migrations.AddField(
            model_name="consult",
            name="words",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.contrib.postgres.search.SearchVector(
                    models.Func(models.F("question"), function="consilium_fold", output_field=models.TextField()),
                    models.Func(models.F("summary"), function="consilium_fold", output_field=models.TextField()),
                    config="english",
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="words",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.contrib.postgres.search.SearchVector(
                    models.Func(models.F("text"), function="consilium_fold", output_field=models.TextField()),
                    config="english",
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
    ]
