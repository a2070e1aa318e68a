"""The language in which the tickets of a brand are searched."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0007_notifications"),
    ]

    operations = [
        migrations.AddField(
            model_name="brand",
            name="search_language",
            field=models.CharField(
                choices=[
                    ("simple", "simple"),
                    ("arabic", "arabic"),
                    ("armenian", "armenian"),
                    ("basque", "basque"),
                    ("catalan", "catalan"),
                    ("danish", "danish"),
                    ("dutch", "dutch"),
                    ("english", "english"),
                    ("finnish", "finnish"),
                    ("french", "french"),
                    ("german", "german"),
                    ("greek", "greek"),
                    ("hindi", "hindi"),
                    ("hungarian", "hungarian"),
                    ("indonesian", "indonesian"),
                    ("irish", "irish"),
                    ("italian", "italian"),
                    ("lithuanian", "lithuanian"),
                    ("nepali", "nepali"),
                    ("norwegian", "norwegian"),
                    ("portuguese", "portuguese"),
                    ("romanian", "romanian"),
                    ("russian", "russian"),
                    ("serbian", "serbian"),
                    ("spanish", "spanish"),
                    ("swedish", "swedish"),
                    ("tamil", "tamil"),
                    ("turkish", "turkish"),
                    ("yiddish", "yiddish"),
                ],
                default="english",
                help_text="Tickets are searched in this language: parcel finds parcels. Simple: words as they are written. Changed later by manage.py search_language.",
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="brand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "search_language__in",
                        (
                            "simple",
                            "arabic",
                            "armenian",
                            "basque",
                            "catalan",
                            "danish",
                            "dutch",
                            "english",
                            "finnish",
                            "french",
                            "german",
                            "greek",
                            "hindi",
                            "hungarian",
                            "indonesian",
                            "irish",
                            "italian",
                            "lithuanian",
                            "nepali",
                            "norwegian",
                            "portuguese",
                            "romanian",
                            "russian",
                            "serbian",
                            "spanish",
                            "swedish",
                            "tamil",
                            "turkish",
                            "yiddish",
                        ),
                    )
                ),
                name="agents_brand_search_language_known",
            ),
        ),
    ]
