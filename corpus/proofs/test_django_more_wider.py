"""Django's querysets, locks, permissions, class-based views, forms, templates, receivers and slashes, as most texts touch them."""

from pathlib import Path
from textwrap import dedent

from django_process import run_django

ITEM = """
class Item(models.Model):
    name = models.CharField(max_length=20)
    @property
    def loud(self): return self.name.upper()
    def twice(self, times=2): return self.name * times
"""
BOOK = """
class Author(models.Model): name = models.CharField(max_length=9)
class Book(models.Model):
    author, title = models.ForeignKey(Author, models.CASCADE, related_name="books"), models.CharField(max_length=9)
"""
COMMON = ["django.middleware.common.CommonMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]


def test_a_slice_is_a_limit(tmp_path: Path) -> None:
    """DJA781: A slice sends nothing, then LIMIT and OFFSET; negative indexes, filter() and order_by() after it are refused."""
    code = """
    Item.objects.bulk_create(Item(name=str(i)) for i in range(30))
    rows = Item.objects.order_by("pk")
    part, lazy = rows[5:10], sent(lambda: rows[5:10])
    show(lazy=lazy, sql=sent(lambda: list(part))[0].split("ASC ")[1], names=[i.name for i in part], index=len(sent(lambda: rows[0])),
         last=failure(lambda: rows[-1]), filtered=failure(lambda: part.filter(pk=1)), sorted=failure(lambda: rows[:5].order_by("name")))
    """
    seen = run_django(tmp_path, code, ITEM)
    assert (seen["lazy"], seen["sql"], seen["names"], seen["index"]) == ([], "LIMIT 5 OFFSET 5", list("56789"), 1)
    assert (seen["last"], seen["filtered"], seen["sorted"]) == ("ValueError", "TypeError", "TypeError")


def test_if_loads_and_exists_does_not(tmp_path: Path) -> None:
    """DJA782: bool() sends the whole query and keeps the rows; exists() sends LIMIT 1 and keeps nothing."""
    code = """
    Item.objects.bulk_create(Item(name=str(i)) for i in range(30))
    tested, asked = Item.objects.all(), Item.objects.all()
    first = sent(lambda: bool(tested)), sent(lambda: asked.exists())
    show(limits=["LIMIT" in sql for [sql] in first], again=[len(sent(lambda: list(rows))) for rows in (tested, asked)],
         known=len(sent(lambda: tested.exists())), empty=bool(Item.objects.filter(name="x")))
    """
    assert run_django(tmp_path, code, ITEM) == {"limits": [False, True], "again": [0, 1], "known": 0, "empty": False}


def test_a_property_is_no_field(tmp_path: Path) -> None:
    """DJA783: A property and a method in filter(), order_by() and values() give FieldError; an annotation works."""
    code = """
    from django.db.models.functions import Upper
    Item.objects.create(name="a")
    rows = Item.objects.all()
    def errors(n): return [failure(rows.filter, **{n: "A"}), failure(rows.order_by, n), failure(rows.values, n)]
    show(errors=errors("loud") + errors("twice"), value=rows.get().loud,
         annotated=rows.annotate(big=Upper("name")).filter(big="A").count(), columns=[f.name for f in Item._meta.get_fields()])
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen == {"errors": ["FieldError"] * 6, "value": "A", "annotated": 1, "columns": ["id", "name"]}


def test_a_join_repeats_objects(tmp_path: Path) -> None:
    """DJA784: An author with three matching books comes thrice, in count() too; distinct() makes it one; forwards none is repeated."""
    code = """
    author = Author.objects.create(name="a")
    Book.objects.bulk_create(Book(author=author, title="t") for _ in range(3))
    rows = Author.objects.filter(books__title="t")
    show(rows=len(rows), count=rows.count(), distinct=len(rows.distinct()), forwards=len(Book.objects.filter(author__name="a")),
         get=failure(Author.objects.get, books__title="t"))
    """
    seen = run_django(tmp_path, code, BOOK)
    assert seen == {"rows": 3, "count": 3, "distinct": 1, "forwards": 3, "get": "MultipleObjectsReturned"}


def test_a_filter_passes_the_prefetched_rows_by(tmp_path: Path) -> None:
    """DJA785: all() on a prefetched relation sends nothing, filter(), exclude() and order_by() send one query; Prefetch() filters."""
    code = """
    author = Author.objects.create(name="a")
    for title in "xy": Book.objects.create(author=author, title=title)
    books = Author.objects.prefetch_related("books").get().books
    ways = books.all, lambda: books.filter(title="x"), lambda: books.exclude(title="x"), lambda: books.order_by("title")
    some = Author.objects.prefetch_related(models.Prefetch("books", queryset=Book.objects.filter(title="x"))).get()
    show(queries=[len(sent(lambda: list(way()))) for way in ways], some=[b.title for b in some.books.all()])
    """
    assert run_django(tmp_path, code, BOOK) == {"queries": [0, 1, 1, 1], "some": ["x"]}


def test_select_for_update_needs_a_transaction(tmp_path: Path) -> None:
    """DJA786: With a backend that locks rows it raises outside atomic() when evaluated and not when built; SQLite ignores it."""
    code = """
    Item.objects.create(name="a")
    rows = Item.objects.select_for_update()
    ignored = failure(rows.get)
    connection.features.has_select_for_update = True
    built, outside = failure(Item.objects.select_for_update), failure(rows.get)
    with transaction.atomic(): inside = str(rows.query)
    show(ignored=ignored, built=built, outside=outside, clause=inside.endswith("FOR UPDATE"))
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen == {"ignored": None, "built": None, "outside": "TransactionManagementError", "clause": True}


def test_migrate_makes_four_permissions(tmp_path: Path) -> None:
    """DJA787: migrate makes add, change, delete and view for a model, none if Meta says so, and gives a new user none of them."""
    code = """
    from django.contrib.auth.models import Permission, User
    from django.core.management import call_command
    call_command("migrate", database="other", run_syncdb=True, verbosity=0)
    user = User.objects.db_manager("other").create_user("ann", password="pw")
    names = sorted(Permission.objects.using("other").filter(content_type__app_label="shop").values_list("codename", flat=True))
    show(names=names, given=len(user.get_all_permissions()))
    """
    models = ITEM + "class Bare(models.Model):\n    class Meta: default_permissions = ()\n"
    files = {name: {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / name)} for name in ("default", "other")}
    seen = run_django(tmp_path, code, models, DATABASES=files)
    assert seen == {"names": ["add_item", "change_item", "delete_item", "view_item"], "given": 0}


def test_the_mixin_stands_on_the_left(tmp_path: Path) -> None:
    """DJA788: On the left three access mixins send an anonymous visitor away, on the right they let anybody in, unnoticed by the checks."""
    code = """
    from django.contrib.auth import mixins
    from django.core.checks import run_checks
    from django.views import View
    class Page(View):
        def get(self, request): return HttpResponse("secret")
    own = {"permission_required": "shop.x", "test_func": lambda self: False}
    names = "LoginRequiredMixin", "PermissionRequiredMixin", "UserPassesTestMixin"
    for name in names:
        mixin = getattr(mixins, name)
        for way, bases in (("left", (mixin, Page)), ("right", (Page, mixin))):
            urlpatterns.append(path(f"{way}/{name}/", type("Mixed", bases, own).as_view()))
    show(checks=len(run_checks()), **{way: [Client().get(f"/{way}/{name}/").status_code for name in names] for way in ("left", "right")})
    """
    assert run_django(tmp_path, code) == {"checks": 0, "left": [302] * 3, "right": [200] * 3}


def test_each_request_has_its_own_view(tmp_path: Path) -> None:
    """DJA789: What is set on self is gone at the next request, a mutable class attribute is not; as_view() is a function and needed."""
    code = """
    from django.views import View
    made = []
    class Page(View):
        count, shared = 0, []
        def __init__(self, **kwargs): super().__init__(**kwargs), made.append(self)
        def get(self, request):
            self.count += 1
            self.shared.append(1)
            return HttpResponse(f"{self.count} {len(self.shared)}")
    urlpatterns.extend([path("", Page.as_view()), path("bare/", Page)])
    answers = [Client().get("/").content.decode() for _ in range(3)]
    show(answers=answers, made=len({id(one) for one in made}), kind=type(Page.as_view()).__name__, bare=failure(Client().get, "/bare/"))
    """
    assert run_django(tmp_path, code) == {"answers": ["1 1", "1 2", "1 3"], "made": 3, "kind": "function", "bare": "TypeError"}


def test_files_need_multipart_and_are_passed(tmp_path: Path) -> None:
    """DJA790: A file comes with multipart only, never in POST, and the form is valid only if request.FILES is passed to it."""
    code = """
    from django import forms
    from django.core.files.uploadedfile import SimpleUploadedFile
    class Upload(forms.Form): paper = forms.FileField()
    def seen(**kwargs):
        request = RequestFactory().post("/", **kwargs)
        post, files = request.POST, request.FILES
        return [sorted(post), sorted(files), Upload(post).is_valid(), Upload(post, files).is_valid()]
    show(multipart=seen(data={"paper": SimpleUploadedFile("a.txt", b"x")}), tag="<form" in str(Upload()), asks=Upload().is_multipart(),
         plain=seen(data="paper=a.txt", content_type="application/x-www-form-urlencoded"))
    """
    seen = run_django(tmp_path, code, TEMPLATES=TEMPLATES)
    assert (seen["multipart"], seen["plain"]) == ([[], ["paper"], False, True], [["paper"], [], False, False])
    assert (seen["tag"], seen["asks"]) == (False, True)


def test_clean_of_a_field_returns_the_value(tmp_path: Path) -> None:
    """DJA791: What clean_<field>() returns stands in cleaned_data, None included, and the form stays valid; clean() may return nothing."""
    code = """
    from django import forms
    order = []
    class Form(forms.Form):
        kept, lost, number = forms.CharField(), forms.CharField(), forms.IntegerField()
        def clean_kept(self): return order.append("kept") or self.cleaned_data["kept"].upper()
        def clean_lost(self): order.append("lost")
        def clean_number(self): order.append("number")
        def clean(self): order.append("form")
    good, bad = ({"kept": "a", "lost": "b", "number": n} for n in ("1", "x"))
    form = Form(good)
    show(valid=form.is_valid(), data=form.cleaned_data, order=order[:], bad=Form(bad).is_valid(), called=order[4:])
    """
    seen = run_django(tmp_path, code)
    assert (seen["valid"], seen["data"]) == (True, {"kept": "A", "lost": None, "number": None})
    assert (seen["order"], seen["bad"], seen["called"]) == (["kept", "lost", "number", "form"], False, ["kept", "lost", "form"])


def test_initial_is_no_fallback(tmp_path: Path) -> None:
    """DJA792: initial is shown by an unbound form that is not valid; a bound one misses the value all the same, unless disabled."""
    code = """
    from django import forms
    class Form(forms.Form):
        must, may = forms.CharField(initial="x"), forms.CharField(initial="y", required=False)
        fixed = forms.CharField(initial="z", disabled=True)
    unbound, bound = Form(initial={"must": "first"}), Form({"may": ""}, initial={"must": "first"})
    show(shown="first" in str(unbound["must"]), bound=unbound.is_bound, valid=[unbound.is_valid(), bound.is_valid()],
         errors=list(bound.errors), data=bound.cleaned_data)
    """
    seen = run_django(tmp_path, code, TEMPLATES=TEMPLATES)
    assert (seen["shown"], seen["bound"], seen["valid"]) == (True, False, [False, False])
    assert (seen["errors"], seen["data"]) == (["must"], {"may": "", "fixed": "z"})


def test_templates_pass_no_arguments(tmp_path: Path) -> None:
    """DJA793: A method is called without parentheses; with them, with arguments or an index there is a syntax error, but not in Jinja2."""
    code = """
    import jinja2
    from django.template import Context, Template
    values = {"item": Item(name="a"), "items": ["b"]}
    def rendered(source): return Template(source).render(Context(values))
    wrong = ["{{ item.twice() }}", "{{ item.twice(3) }}", "{{ item.twice(times=3) }}", "{{ items[0] }}", "{% if item.twice() %}{% endif %}"]
    show(right=rendered("{{ item.twice }} {{ items.0 }}"), wrong=[failure(rendered, source) for source in wrong],
         jinja=jinja2.Template("{{ item.twice(3) }}").render(values))
    """
    seen = run_django(tmp_path, code, ITEM, TEMPLATES=TEMPLATES)
    assert seen == {"right": "aa b", "wrong": ["TemplateSyntaxError"] * 5, "jinja": "aaa"}


def test_receivers_need_an_import(tmp_path: Path) -> None:
    """DJA794: A signals.py beside models.py is not loaded by setup and not by a save; once imported, its receiver is called."""
    signals = """
    from django.db.models.signals import post_save
    from django.dispatch import receiver
    heard = []
    @receiver(post_save)
    def hear(instance, **kwargs): heard.append(instance.name)
    """
    code = """
    Item.objects.create(name="unheard")
    loaded = "shop.signals" in sys.modules
    from shop.signals import heard
    Item.objects.create(name="heard")
    show(there=(HERE / "shop" / "signals.py").exists(), loaded=loaded, heard=heard)
    """
    beside = f"from pathlib import Path\nPath(__file__).with_name('signals.py').write_text({dedent(signals)!r})\n"
    assert run_django(tmp_path, code, ITEM + beside) == {"there": True, "loaded": False, "heard": ["heard"]}


def test_a_slash_is_appended_when_nothing_matches(tmp_path: Path) -> None:
    """DJA795: CommonMiddleware redirects with 301 from /a to the pattern a/ only; b has no /b/, c is left alone, unknown stays 404."""
    code = """
    for name in ("a/", "b", "c", "c/"): urlpatterns.append(path(name, lambda request: HttpResponse(request.path)))
    def codes(): return [Client().get(url).status_code for url in ("/a", "/a/", "/b", "/b/", "/c", "/nowhere")]
    default, where = codes(), Client().get("/a")["Location"]
    posted = Client().post("/a", {"x": 1}).status_code
    settings.DEBUG = True
    debug, settings.DEBUG = failure(Client().post, "/a", {"x": 1}), False
    settings.MIDDLEWARE = []
    show(default=default, where=where, posted=posted, debug=debug, without=codes())
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=COMMON)
    assert (seen["default"], seen["where"]) == ([301, 200, 200, 404, 200, 404], "/a/")
    assert (seen["posted"], seen["debug"], seen["without"]) == (301, "RuntimeError", [404, 200, 200, 404, 200, 404])
