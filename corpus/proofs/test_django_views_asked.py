"""Django's class-based views, URLs, forms, formsets, uploads and middleware hooks, as interviews ask about them."""

from pathlib import Path

from django_process import run_django

ITEM = "class Item(models.Model): name = models.CharField(max_length=20)\n"
PART = ITEM + "class Part(models.Model): item = models.ForeignKey(Item, models.CASCADE)\n"
LOADERS = {"loaders": [("django.template.loaders.locmem.Loader", {"a.html": "{{ a }}", "shop/item_form.html": "form"})]}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": LOADERS}]


def test_a_missing_handler_is_answered_with_405(tmp_path: Path) -> None:
    """DJA941: A class with get() answers it and refuses the rest with 405 and Allow; http_method_names refuses too, a function does not."""
    code = """
    from django.views import View
    class Page(View):
        def get(self, request): return HttpResponse("got")
    class Narrow(Page): http_method_names = ["post"]
    urlpatterns += [path("page", Page.as_view()), path("narrow", Narrow.as_view()), path("function", Page().get)]
    def answer(method, url):
        response = Client().generic(method, url)
        return [response.status_code, response.get("Allow")]
    show(page=[answer(method, "/page") for method in ("GET", "POST", "PUT", "DELETE", "MADEUP")], narrow=answer("GET", "/narrow"),
         function=answer("POST", "/function"), nowhere=answer("POST", "/nowhere"), options=answer("OPTIONS", "/page"))
    """
    seen, allow = run_django(tmp_path, code), "GET, HEAD, OPTIONS"
    assert seen.pop("page") == [[200, None]] + [[405, allow]] * 4
    assert seen == {"narrow": [405, ""], "function": [200, None], "nowhere": [404, None], "options": [200, allow]}


def test_head_is_answered_by_get(tmp_path: Path) -> None:
    """DJA942: HEAD runs get(), or a head() of the class; with http_method_names of GET only or without get() it is refused."""
    code = """
    from django.views import View
    class Page(View):
        def get(self, request): return HttpResponse(headers={"X-Ran": "get"})
    class Own(Page):
        def head(self, request): return HttpResponse(headers={"X-Ran": "head"})
    class Narrow(Page): http_method_names = ["get"]
    class Post(View): post = Page.get
    def answer(view):
        response = view.as_view()(RequestFactory().head("/"))
        return [response.status_code, response.get("X-Ran")]
    show(answers=[answer(view) for view in (Page, Own, Narrow, Post)])
    """
    assert run_django(tmp_path, code)["answers"] == [[200, "get"], [200, "head"], [405, None], [405, None]]


def test_list_view_answers_404_beyond_the_last_page(tmp_path: Path) -> None:
    """DJA943: Of three pages, 99, -1 and abc are 404 in ListView, where last is known; get_page() gives the last page or the first."""
    code = """
    from django.core.paginator import Paginator
    from django.views.generic import ListView
    Item.objects.bulk_create(Item(name=str(number)) for number in range(5))
    items = Item.objects.order_by("pk")
    class Items(ListView): queryset, paginate_by, template_name = items, 2, "a.html"
    class Whole(ListView): queryset, template_name = items, "a.html"
    urlpatterns += [path("items", Items.as_view()), path("whole", Whole.as_view())]
    pages = Paginator(items, 2)
    show(codes=[Client().get(f"/items?page={page}").status_code for page in (1, 3, "last", 4, 99, 0, -1, "abc")],
         whole=Client().get("/whole?page=99").status_code, lenient=[pages.get_page(page).number for page in (99, "abc")],
         strict=[failure(pages.page, page) for page in (99, "abc")])
    """
    seen = run_django(tmp_path, code, ITEM, TEMPLATES=TEMPLATES)
    assert (seen["codes"], seen["whole"]) == ([200] * 3 + [404] * 5, 200)
    assert (seen["lenient"], seen["strict"]) == ([3, 1], ["EmptyPage", "PageNotAnInteger"])


def test_delete_view_runs_form_valid_on_post(tmp_path: Path) -> None:
    """DJA944: POST runs form_valid() and not delete(), which only HTTP DELETE reaches; a form with an unticked box removes nothing."""
    code = """
    from django.views.generic import DeleteView
    ran = []
    class Sure(django.forms.Form): sure = django.forms.BooleanField()
    class Remove(DeleteView):
        model, success_url, template_name = Item, "/", "a.html"
        def form_valid(self, form): ran.append("form_valid"); return super().form_valid(form)
        def delete(self, *args, **kwargs): ran.append("delete"); return super().delete(*args, **kwargs)
    urlpatterns += [path("plain/<pk>", Remove.as_view()), path("form/<pk>", Remove.as_view(form_class=Sure))]
    def go(method, kind, data=None):
        item = Item.objects.create()
        ran.clear()
        getattr(Client(), method)(f"/{kind}/{item.pk}", data)
        return [*ran, Item.objects.filter(pk=item.pk).exists()]
    show(seen=[go("post", "plain"), go("delete", "plain"), go("get", "plain"), go("post", "form"), go("post", "form", {"sure": "on"})])
    """
    seen = run_django(tmp_path, code, ITEM, TEMPLATES=TEMPLATES)["seen"]
    assert seen == [["form_valid", False], ["delete", False], [True], [True], ["form_valid", False]]


def test_the_str_converter_stops_at_a_slash(tmp_path: Path) -> None:
    """DJA945: str and no converter take any text but a slash and nothing empty; path takes slashes; slug is narrower."""
    code = """
    urlpatterns += [path(f"{name}/<{kind}value>/", lambda request, value: HttpResponse(type(value).__name__ + " " + value))
                    for name, kind in {"none": "", "str": "str:", "path": "path:", "slug": "slug:"}.items()]
    def match(name, value):
        response = Client().get(f"/{name}/{value}/")
        return response.content.decode() if response.status_code == 200 else None
    values = ["7", "a.b c-1", "a/b", ""]
    show(**{name: [match(name, value) for value in values] for name in ("none", "str", "path", "slug")})
    """
    seen = run_django(tmp_path, code)
    assert seen["none"] == seen["str"] == ["str 7", "str a.b c-1", None, None]
    assert seen["path"] == ["str 7", "str a.b c-1", "str a/b", None]
    assert seen["slug"] == ["str 7", None, None, None]


def test_add_error_removes_the_field_from_cleaned_data(tmp_path: Path) -> None:
    """DJA946: The named field is gone from cleaned_data, the others and the raw data stay; a non-field error takes nothing out."""
    code = """
    from django import forms
    class Form(forms.Form):
        a, b = forms.CharField(), forms.CharField()
        def clean(self): self.after = self.add_error(self.data["field"] or None, "no")
    def outcome(field):
        form = Form({"a": "1", "b": "2", "field": field})
        return [form.is_valid(), form.cleaned_data, form.data["a"]]
    late = forms.modelform_factory(Item, fields=["name"])({"name": "x"})
    before = [late.is_valid(), dict(late.cleaned_data)]
    late.add_error("name", "no")
    show(field=outcome("a"), form=outcome(""), late=[before, late.is_valid(), late.cleaned_data])
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen["field"] == [False, {"b": "2"}, "1"]
    assert seen["form"] == [False, {"a": "1", "b": "2"}, "1"]
    assert seen["late"] == [[True, {"name": "x"}], False, {}]


def test_max_num_validates_only_with_validate_max(tmp_path: Path) -> None:
    """DJA947: Four forms pass max_num=3 and fail with validate_max or above absolute_max; only three are displayed."""
    code = """
    from django import forms
    class Form(forms.Form): name = forms.CharField()
    def sent(count, **how):
        data = {"form-TOTAL_FORMS": count, "form-INITIAL_FORMS": 0, "form-MAX_NUM_FORMS": 3}
        formset = forms.formset_factory(Form, max_num=3, **how)({**data, **{f"form-{n}-name": "x" for n in range(count)}})
        return [formset.is_valid(), len(formset.forms)]
    kind = forms.formset_factory(Form, extra=9, max_num=3)
    show(sent=[sent(3, validate_max=True), sent(4), sent(4, validate_max=True), sent(6, absolute_max=5)], ceiling=kind.absolute_max,
         shown=[len(kind().forms), len(kind(initial=[{"name": "x"}] * 5).forms)])
    """
    seen = run_django(tmp_path, code)
    assert seen == {"sent": [[True, 3], [True, 4], [False, 4], [False, 5]], "ceiling": 1003, "shown": [3, 5]}


def test_extra_is_one_and_three_for_inlines(tmp_path: Path) -> None:
    """DJA948: Plain and model formsets come with one blank form, inline formsets and both inlines of the admin with three."""
    code = """
    from django import forms
    from django.contrib import admin
    Item.objects.create(name="a")
    plain = forms.formset_factory(forms.modelform_factory(Item, fields=["name"]))
    of_models = forms.modelformset_factory(Item, fields=["name"])
    inline = forms.inlineformset_factory(Item, Part, fields=["id"])
    none = forms.formset_factory(forms.Form, extra=0)
    show(blank=[len(kind().extra_forms) for kind in (plain, of_models, inline)], none=len(none().forms),
         admin=[admin.TabularInline.extra, admin.StackedInline.extra])
    """
    assert run_django(tmp_path, code, PART) == {"blank": [1, 1, 3], "none": 0, "admin": [3, 3]}


def test_a_big_file_goes_to_a_temporary_file(tmp_path: Path) -> None:
    """DJA949: A small file comes in memory, one of 4 MB whole in a temporary file, with status 200 and a valid form."""
    code = """
    from django import forms
    from django.core.files.uploadedfile import SimpleUploadedFile
    class Form(forms.Form): file = forms.FileField()
    def view(request):
        file = request.FILES["file"]
        return HttpResponse(json.dumps([type(file).__name__, len(file.read()), Form(request.POST, request.FILES).is_valid()]))
    urlpatterns.append(path("", view))
    def upload(size):
        response = Client().post("/", {"file": SimpleUploadedFile("a.bin", b"x" * size)})
        return [response.status_code, *json.loads(response.content)]
    show(limit=settings.FILE_UPLOAD_MAX_MEMORY_SIZE, small=upload(1000), big=upload(4_000_000))
    """
    seen = run_django(tmp_path, code)
    assert (seen["limit"], seen["small"]) == (2621440, [200, "InMemoryUploadedFile", 1000, True])
    assert seen["big"] == [200, "TemporaryUploadedFile", 4_000_000, True]


def test_the_data_limit_leaves_files_out(tmp_path: Path) -> None:
    """DJA950: With a limit of 1000 bytes a file of 50000 passes; a text of 2000 or such a body is refused, and None lifts the limit."""
    code = """
    from django.core.files.uploadedfile import SimpleUploadedFile
    urlpatterns.append(path("form", lambda request: HttpResponse(str(len(request.FILES) + len(request.POST)))))
    urlpatterns += [path("body", lambda request: HttpResponse(request.body)), path("unread", lambda request: HttpResponse("x"))]
    def send(url, body, limit=1000, **how):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = limit
        return Client().post(url, body, **how).status_code
    long, kind = {"text": "x" * 2000}, {"content_type": "application/json"}
    show(default=settings.DATA_UPLOAD_MAX_MEMORY_SIZE, file=send("/form", {"file": SimpleUploadedFile("a", b"x" * 50000)}),
         text=send("/form", long), lifted=send("/form", long, None), json=send("/body", long, **kind), unread=send("/unread", long, **kind))
    """
    seen = run_django(tmp_path, code)
    assert seen == {"default": 2621440, "file": 200, "text": 400, "lifted": 200, "json": 400, "unread": 200}


HOOKS = """
    ran = []
    class Hooks:
        def __init__(self, get_response): self.get_response = get_response
        def __call__(self, request):
            ran.append(f"in {request.resolver_match is not None}")
            return self.get_response(request)
        def process_view(self, request, view, args, kwargs):
            ran.append(f"process_view {request.resolver_match is not None} {view.__name__} {kwargs}")
            if "stop" in kwargs.values(): return HttpResponse("stopped")
        def process_template_response(self, request, response):
            ran.append(f"template {response.is_rendered}")
            response.context_data = {"a": "changed"}
            return response
    def go(url):
        ran.clear()
        return [Client().get(url).content.decode(), *ran]
    """


def test_process_view_runs_between_the_resolver_and_the_view(tmp_path: Path) -> None:
    """DJA951: It knows the match and the view and comes before it; an unknown URL brings no call, and its response replaces the view."""
    code = """
    def page(request, name): ran.append("view"); return HttpResponse("page")
    urlpatterns.append(path("<name>/", page))
    show(page=go("/x/"), stopped=go("/stop/"), unknown=go("/x/y/")[1:])
    """
    seen = run_django(tmp_path, HOOKS + code, MIDDLEWARE=["__main__.Hooks"])
    hook = "process_view True page {'name': '%s'}"
    assert seen["page"] == ["page", "in False", hook % "x", "view"]
    assert seen["stopped"] == ["stopped", "in False", hook % "stop"]
    assert seen["unknown"] == ["in False"]


def test_process_template_response_needs_a_render_method(tmp_path: Path) -> None:
    """DJA952: It is called, before rendering, for a TemplateResponse and a generic view; for render(), JSON and text it is not."""
    code = """
    from django.http import JsonResponse
    from django.shortcuts import render
    from django.template.response import TemplateResponse
    from django.views.generic import TemplateView
    urlpatterns += [path("late", lambda request: TemplateResponse(request, "a.html", {"a": "old"})),
                    path("generic", TemplateView.as_view(template_name="a.html")),
                    path("short", lambda request: render(request, "a.html", {"a": "old"})),
                    path("json", lambda request: JsonResponse({"a": 1})), path("text", lambda request: HttpResponse("text"))]
    def hooked(url): return [line for line in go(url) if "in " not in line and "process_view" not in line]
    show(seen=[hooked(url) for url in ("/late", "/generic", "/short", "/json", "/text")])
    """
    seen = run_django(tmp_path, HOOKS + code, MIDDLEWARE=["__main__.Hooks"], TEMPLATES=TEMPLATES)["seen"]
    assert seen == [["changed", "template False"], ["changed", "template False"], ["old"], ['{"a": 1}'], ["text"]]


def test_a_class_attribute_needs_reverse_lazy(tmp_path: Path) -> None:
    """DJA953: reverse() in a class body fails while the URLconf loads; reverse_lazy() there and reverse() in a method work."""
    method = "def get_success_url(self): return reverse('home')"
    bodies = {"eager": "success_url = reverse('home')", "lazy": "success_url = reverse_lazy('home')", "method": method}
    top = "from django.urls import path, reverse, reverse_lazy\n"
    for name, body in bodies.items():
        views = f"{top}from django.views.generic import FormView\nclass Page(FormView):\n    {body}\n"
        (tmp_path / f"{name}_views.py").write_text(views)
        urls = f"{top}from {name}_views import Page\nurlpatterns = [path('home', Page.as_view(), name='home')]\n"
        (tmp_path / f"{name}_urls.py").write_text(urls)
    code = """
    from importlib import import_module
    from django.urls import set_urlconf
    def url(name):
        set_urlconf(f"{name}_urls")
        try: return str(import_module(f"{name}_urls").Page().get_success_url())
        except Exception as error: return type(error).__name__
    show(seen=[url(name) for name in ("eager", "lazy", "method")])
    """
    assert run_django(tmp_path, code)["seen"] == ["ImproperlyConfigured", "/home", "/home"]


def test_create_and_update_view_share_a_template(tmp_path: Path) -> None:
    """DJA954: Both render shop/item_form.html, the first name they look for; another suffix makes UpdateView look for another."""
    code = """
    from django.template import TemplateDoesNotExist
    from django.views.generic import CreateView, UpdateView
    pk = Item.objects.create(name="a").pk
    def page(view, **how):
        response = view.as_view(model=Item, fields=["name"], **how)(RequestFactory().get("/"), pk=pk)
        try: return [response.template_name[-1], response.render().content.decode()]
        except TemplateDoesNotExist as error: return str(error)
    show(seen=[page(CreateView), page(UpdateView)], other=page(UpdateView, template_name_suffix="_update"))
    """
    seen = run_django(tmp_path, code, ITEM, TEMPLATES=TEMPLATES)
    assert seen == {"seen": [["shop/item_form.html", "form"]] * 2, "other": "shop/item_update.html"}
