"""An alert's kind takes the place of `test`: a drill's alert is neither a test nor real."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("alerts", "0006_lost_since"),
    ]

    operations = [
        migrations.AddField(
            model_name="alert",
            name="kind",
            field=models.CharField(
                choices=[("incident", "incident"), ("exercise", "exercise"), ("test", "test")],
                db_default="incident",
                default="incident",
                max_length=10,
            ),
        ),
        migrations.RunSQL(
            "UPDATE alerts_alert SET kind = 'test' WHERE test",
            "UPDATE alerts_alert SET test = (kind = 'test')",
        ),
        migrations.RemoveField(model_name="alert", name="test"),
    ]
