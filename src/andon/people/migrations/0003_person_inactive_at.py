"""Since when an account is switched off by hand. Those switched off before keep no instant."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_tries_to_sign_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="inactive_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
