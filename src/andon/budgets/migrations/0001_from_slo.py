"""Readings, points and losses of budgets come from `slo`, with their rows."""

import django.db.models.deletion
from django.db import migrations, models

from andon.core.moving import CONTENT_TYPES, taken_over

MODELS = [
    migrations.CreateModel(
        name='BudgetReading',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('read_at', models.DateTimeField(null=True)),
            ('window_starts_at', models.DateTimeField(null=True)),
            ('window_ends_at', models.DateTimeField(null=True)),
            ('bad', models.FloatField(null=True)),
            ('total', models.FloatField(null=True)),
            ('expected_total', models.FloatField(null=True)),
            ('target_ppm', models.PositiveIntegerField(null=True)),
            ('allowed_seconds', models.FloatField(null=True)),
            ('left', models.FloatField(null=True)),
            ('availability', models.FloatField(null=True)),
            ('burn', models.JSONField(default=dict)),
            ('exhausts_at', models.DateTimeField(null=True)),
            ('covered', models.FloatField(default=0)),
            ('notes', models.JSONField(default=list)),
            ('source', models.CharField(blank=True, default='', max_length=500)),
            ('tried_at', models.DateTimeField()),
            ('error', models.TextField(blank=True, default='')),
            ('basis', models.CharField(blank=True, default='', max_length=200)),
            ('base_at', models.DateTimeField(null=True)),
            ('base_bad', models.FloatField(default=0)),
            ('base_total', models.FloatField(default=0)),
            ('base_samples', models.FloatField(default=0)),
            ('followed', models.JSONField(default=dict)),
            ('objective', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='slo.declaration')),
        ],
    ),
    migrations.CreateModel(
        name='BudgetPoint',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('at', models.DateTimeField()),
            ('left', models.FloatField()),
            ('availability', models.FloatField()),
            ('objective', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='slo.declaration')),
        ],
        options={
            'constraints': [models.UniqueConstraint(fields=('objective', 'at'), name='budget_point_once')],
        },
    ),
    migrations.CreateModel(
        name='TargetLoss',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('lost_at', models.DateTimeField()),
            ('regained_at', models.DateTimeField(blank=True, null=True)),
            ('method', models.CharField(max_length=40)),
            ('parameters', models.JSONField(default=dict)),
            ('objective', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='slo.declaration')),
        ],
        options={
            'constraints': [models.UniqueConstraint(fields=('objective', 'lost_at'), name='target_loss_once')],
        },
    ),
]


class Migration(migrations.Migration):

    dependencies = [
        ('slo', '0005_changes'),
        CONTENT_TYPES,
    ]

    operations = taken_over(source='slo', target='budgets', models=MODELS)
