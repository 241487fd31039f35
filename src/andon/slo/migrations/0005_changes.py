"""Deployments that metrics tell become changes, beside those that senders tell."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0005_rota_carried'),
        ('slo', '0004_deployments'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='deployment', name='deployment_once'),
        migrations.RenameModel(old_name='Deployment', new_name='Change'),
        migrations.AlterField(
            model_name='change',
            name='service',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.service'),
        ),
        migrations.AddField(model_name='change', name='identity', field=models.CharField(default='', max_length=600)),
        migrations.AddField(model_name='change', name='summary', field=models.CharField(default='', max_length=1024)),
        migrations.AddField(model_name='change', name='source', field=models.CharField(default='', max_length=255)),
        migrations.AddField(model_name='change', name='told_by', field=models.CharField(default='', max_length=200)),
        migrations.AddField(model_name='change', name='service_ref', field=models.CharField(default='', max_length=512)),
        migrations.AddField(model_name='change', name='links', field=models.JSONField(default=list)),
        migrations.AddField(model_name='change', name='labels', field=models.JSONField(default=dict)),
        migrations.AddField(model_name='change', name='received_at', field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.UniqueConstraint(condition=models.Q(('identity', '')), fields=('service', 'at'), name='deployment_once'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.UniqueConstraint(condition=models.Q(('identity', ''), _negated=True), fields=('identity',), name='change_told_once'),
        ),
        migrations.AddIndex(model_name='change', index=models.Index(fields=['service', '-at'], name='change_of_service')),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('identity', ''), _negated=True), fields=['at'], name='change_told_age'),
        ),
    ]
