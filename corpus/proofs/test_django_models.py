"""Django's model fields: what reaches the database, what a form checks, and when."""

from pathlib import Path

from django_process import run_in_memory


def test_null_is_for_the_database_and_blank_for_validation(tmp_path: Path) -> None:
    """DJA102: null=True permits NULL in the column, blank=True an empty value in validation."""
    models = """
    class Event(models.Model):
        strict = models.DateField()
        null_only = models.DateField(null=True)
        blank_only = models.DateField(blank=True)
        both = models.DateField(null=True, blank=True)
    """
    code = """
    from django import forms
    from django.core.exceptions import ValidationError

    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "shop_event")
    form = forms.modelform_factory(Event, fields="__all__")({})
    try:
        Event().full_clean()
    except ValidationError as error:
        complaints = sorted(error.message_dict)
    show(nullable=[column.name for column in columns if column.null_ok], form=sorted(form.errors), full_clean=complaints)
    """
    seen = run_in_memory(tmp_path, models, code)
    assert seen["nullable"] == ["null_only", "both"]
    assert seen["form"] == ["null_only", "strict"]
    assert seen["full_clean"] == ["null_only", "strict"]


def test_auto_now_at_each_save_and_auto_now_add_once(tmp_path: Path) -> None:
    """DJA205: auto_now moves with every save(), auto_now_add is set at creation only."""
    models = """
    class Note(models.Model):
        text = models.CharField(max_length=20)
        created = models.DateTimeField(auto_now_add=True)
        updated = models.DateTimeField(auto_now=True)
    """
    code = """
    import time
    note = Note.objects.create(text="a")
    stamps = []
    for text in "bcd":
        time.sleep(0.01)
        note = Note.objects.get(pk=note.pk)
        note.text = text
        note.save()
        note = Note.objects.get(pk=note.pk)
        stamps.append((str(note.created), str(note.updated)))
    Note.objects.update(text="e")
    show(stamps=stamps, after_update=str(Note.objects.get(pk=note.pk).updated))
    """
    seen = run_in_memory(tmp_path, models, code)
    created = [stamp[0] for stamp in seen["stamps"]]
    updated = [stamp[1] for stamp in seen["stamps"]]
    assert len(set(created)) == 1
    assert len(set(updated)) == 3
    assert created[0] < updated[0] < updated[1] < updated[2]
    assert seen["after_update"] == updated[2]


def test_save_does_not_run_validation(tmp_path: Path) -> None:
    """DJA207: save() skips validators and clean(); full_clean() and a ModelForm run them."""
    models = """
    from django.core.exceptions import ValidationError

    class Member(models.Model):
        email = models.EmailField()
        calls = []

        def clean(self):
            self.calls.append("clean")
            raise ValidationError("never good")
    """
    code = """
    from django import forms

    Member(email="nonsense").save()
    Member.objects.create(email="nonsense too")
    after_save = list(Member.calls)
    try:
        Member(email="nonsense").full_clean()
    except ValidationError as error:
        full_clean = sorted(error.message_dict)
    after_full_clean = len(Member.calls)
    form = forms.modelform_factory(Member, fields=["email"])({"email": "a@example.com"})
    show(stored=list(Member.objects.values_list("email", flat=True)), after_save=after_save, full_clean=full_clean,
         after_full_clean=after_full_clean, form_valid=form.is_valid(), after_form=len(Member.calls))
    """
    seen = run_in_memory(tmp_path, models, code)
    assert seen["stored"] == ["nonsense", "nonsense too"]
    assert seen["after_save"] == []
    assert seen["full_clean"] == ["__all__", "email"]
    assert seen["after_full_clean"] == 1
    assert seen["form_valid"] is False
    assert seen["after_form"] == 2


def test_on_delete_is_required(tmp_path: Path) -> None:
    """DJA210: ForeignKey and OneToOneField raise TypeError without on_delete."""
    models = """
    class Owner(models.Model):
        name = models.CharField(max_length=20)

    class Pet(models.Model):
        owner = models.ForeignKey(Owner, on_delete=models.CASCADE)
    """
    code = """
    raised = []
    for field in (models.ForeignKey, models.OneToOneField):
        field(Owner, models.PROTECT)
        try:
            field(Owner)
        except TypeError as error:
            raised.append("on_delete" in str(error))
    show(raised=raised, many_to_many=models.ManyToManyField(Owner).name)
    """
    seen = run_in_memory(tmp_path, models, code)
    assert seen["raised"] == [True, True]
    assert seen["many_to_many"] is None  # built without on_delete
