"""Customers, how to reach them, what they allowed, and what they bought."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agents", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=120)),
                ("language", models.CharField(default="en", max_length=10)),
                ("country", models.CharField(blank=True, help_text="ISO 3166 code.", max_length=2)),
                ("city", models.CharField(blank=True, max_length=80)),
                (
                    "time_zone",
                    models.CharField(blank=True, help_text="Empty: that of the brand.", max_length=40),
                ),
                ("created_at", models.DateTimeField(default=contactcenter.clock.now, editable=False)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to="agents.brand",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("mail", "E-mail"), ("phone", "Phone"), ("handle", "Handle")], max_length=10
                    ),
                ),
                (
                    "value",
                    models.CharField(
                        help_text="Mail in lower case, phone in E.164, handle as network:name.",
                        max_length=254,
                    ),
                ),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=contactcenter.clock.now, editable=False)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_points",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("programme", "Membership in the loyalty programme"),
                            ("calls", "Being called"),
                            ("marketing", "News and offers"),
                        ],
                        max_length=20,
                    ),
                ),
                ("given", models.BooleanField()),
                (
                    "source",
                    models.CharField(
                        help_text="Where it was said: checkout, call, self-service page.", max_length=80
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("placed", "placed"),
                            ("shipped", "shipped"),
                            ("delivered", "delivered"),
                            ("lost", "lost"),
                            ("returned", "returned"),
                            ("cancelled", "cancelled"),
                        ],
                        default="placed",
                        max_length=10,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("total_minor", models.BigIntegerField(help_text="What was paid, in minor units.")),
                ("refunded_minor", models.BigIntegerField(default=0)),
                ("placed_at", models.DateTimeField()),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sku", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=160)),
                ("category", models.CharField(blank=True, max_length=60)),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("amount_minor", models.BigIntegerField()),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="customers.order",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["brand", "name", "id"], name="customers_customer_by_name"),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(
                fields=("id", "brand"), name="customers_customer_of_its_brand"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.UniqueConstraint(
                fields=("brand", "kind", "value"), name="customers_contactpoint_once_a_brand"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("value", ""), _negated=True), name="customers_contactpoint_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "phone"), _negated=True),
                    ("value__regex", "^\\+[1-9][0-9]{4,14}$"),
                    _connector="OR",
                ),
                name="customers_contactpoint_phone_is_e164",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["mail", "phone", "handle"])),
                name="customers_contactpoint_kind_known",
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                fields=["customer", "purpose", "-recorded_at"], name="customers_consent_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["customer", "-placed_at"], name="customers_order_newest"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                fields=("brand", "number"), name="customers_order_number_once_a_brand"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refunded_minor__gte", 0), ("refunded_minor__lte", models.F("total_minor"))
                ),
                name="customers_order_refund_within_total",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", 0), ("quantity__gte", 1)),
                name="customers_orderline_is_something",
            ),
        ),
    ]
