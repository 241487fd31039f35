"""Rollouts and what is known of live rules come from `slo`, with their rows."""

from django.db import migrations, models

from andon.core.moving import CONTENT_TYPES, taken_over

MODELS = [
    migrations.CreateModel(
        name='Rollout',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('at', models.DateTimeField()),
            ('by', models.CharField(max_length=200)),
            ('digest', models.CharField(max_length=64)),
            ('outcome', models.CharField(max_length=20)),
            ('steps', models.JSONField(default=list)),
            ('took_ms', models.PositiveIntegerField(default=0)),
        ],
        options={
            'indexes': [models.Index(fields=['-at'], name='rollout_latest')],
        },
    ),
    migrations.CreateModel(
        name='RuleState',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('engine', models.CharField(max_length=20)),
            ('name', models.CharField(max_length=200)),
            ('service', models.CharField(blank=True, default='', max_length=63)),
            ('slo', models.CharField(blank=True, default='', max_length=63)),
            ('state', models.CharField(max_length=20)),
            ('error', models.TextField(blank=True, default='')),
            ('seen_since', models.DateTimeField()),
            ('seen_at', models.DateTimeField()),
            ('firing_since', models.DateTimeField(blank=True, null=True)),
            ('last_fired_at', models.DateTimeField(blank=True, null=True)),
        ],
        options={
            'constraints': [models.UniqueConstraint(fields=('engine', 'name', 'service', 'slo'), name='rule_state_once')],
        },
    ),
]


class Migration(migrations.Migration):

    dependencies = [
        ('slo', '0005_changes'),
        CONTENT_TYPES,
    ]

    operations = taken_over(source='slo', target='telemetry', models=MODELS)
