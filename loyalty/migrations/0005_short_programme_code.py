"""An account number is CODE-0000001 in 20 characters: 12 of them are the code's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0004_one_programme_one_account")]

    operations = [
        migrations.AlterField(
            model_name="programme",
            name="code",
            field=models.SlugField(
                help_text="Stands before account numbers: CODE-0000001.", max_length=12, unique=True
            ),
        ),
    ]
