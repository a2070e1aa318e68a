"""How agents like their desk: single keys, density, theme, sound."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0040_notifications_of_an_agent"),
    ]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="density",
            field=models.CharField(
                choices=[("comfortable", "Comfortable"), ("compact", "Compact")],
                db_default="comfortable",
                default="comfortable",
                max_length=11,
            ),
        ),
        migrations.AddField(
            model_name="agent",
            name="keys_on",
            field=models.BooleanField(db_default=True, default=True, help_text="Single keys do deeds."),
        ),
        migrations.AddField(
            model_name="agent",
            name="sound",
            field=models.BooleanField(
                db_default=False, default=False, help_text="A short sound where something new is told."
            ),
        ),
        migrations.AddField(
            model_name="agent",
            name="theme",
            field=models.CharField(
                choices=[("system", "As the system says"), ("light", "Light"), ("dark", "Dark")],
                db_default="system",
                default="system",
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            model_name="agent",
            constraint=models.CheckConstraint(
                condition=models.Q(("density__in", ["comfortable", "compact"])),
                name="agents_agent_density_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="agent",
            constraint=models.CheckConstraint(
                condition=models.Q(("theme__in", ["system", "light", "dark"])),
                name="agents_agent_theme_known",
            ),
        ),
    ]
