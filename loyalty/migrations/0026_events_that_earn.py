"""The events that rules can give points for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0025_ways_of_expiry"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="earningrule",
            name="loyalty_earningrule_event_known",
        ),
        migrations.AlterField(
            model_name="earningrule",
            name="event",
            field=models.CharField(
                choices=[
                    ("order", "an order"),
                    ("signup", "becoming a member"),
                    ("contact", "a first contact on a channel"),
                    ("birthday", "a birthday"),
                ],
                default="order",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="earningrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("event__in", ["order", "signup", "contact", "birthday"])),
                name="loyalty_earningrule_event_known",
            ),
        ),
    ]
