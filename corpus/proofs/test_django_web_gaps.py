"""Responses, request data, generic views, middleware, error pages and Django REST framework, as interviews ask about them."""

from pathlib import Path

from django_process import run_django
from drf_process import run_rest

ITEM = "class Item(models.Model): name = models.CharField(max_length=20)\n"


def templates(found: dict[str, str], *processors: str) -> list[dict[str, object]]:
    options = {"loaders": [("django.template.loaders.locmem.Loader", found)], "context_processors": processors}
    return [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": options}]


def test_json_response_takes_a_dict(tmp_path: Path) -> None:
    """DJA640: A list and a string need safe=False, with which a QuerySet still fails."""
    code = """
    from django.http import JsonResponse
    items = Item.objects.all()
    show(dict=JsonResponse({"a": [1]}).content.decode(), safe=JsonResponse([1], safe=False).content.decode(),
         refused=[failure(JsonResponse, data) for data in ([1], "a", items, Item())],
         unsafe=[failure(JsonResponse, data, safe=False) for data in ([1], "a", items, Item(), list(items.values()))])
    """
    error = "TypeError"
    assert run_django(tmp_path, code, ITEM) == {
        "dict": '{"a": [1]}',
        "safe": "[1]",
        "refused": [error] * 4,
        "unsafe": [None, None, error, error, None],
    }


def test_media_files_need_a_route(tmp_path: Path) -> None:
    """DJA641: The handler of runserver serves a static file and no upload until static() adds a route, which it does in debug mode only."""
    code = """
    from django.conf.urls.static import static
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.handlers.wsgi import WSGIHandler
    from django.urls import clear_url_caches
    for folder in ("static", "media"):
        (HERE / folder).mkdir()
        (HERE / folder / "a.txt").write_text(folder)
    settings.STATICFILES_DIRS, settings.MEDIA_ROOT = [HERE / "static"], HERE / "media"
    def status(url):
        seen = []
        application = StaticFilesHandler(WSGIHandler())
        for _ in application(RequestFactory().get(url).environ, lambda line, headers: seen.append(line[:3])): pass
        return seen[0]
    def both(): return [status("/static/a.txt"), status("/media/a.txt")]
    urlpatterns += [path("page", HttpResponse)]
    before = both()
    settings.DEBUG = False
    off = static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)
    settings.DEBUG = True
    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)
    clear_url_caches()
    show(before=before, after=both(), off=off)
    """
    apps = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.staticfiles", "shop"]
    seen = run_django(tmp_path, code, DEBUG=True, MEDIA_URL="/media/", INSTALLED_APPS=apps, MIDDLEWARE=[])
    assert seen == {"before": ["200", "404"], "after": ["200", "200"], "off": []}


def test_get_object_or_404_raises_for_no_match_only(tmp_path: Path) -> None:
    """DJA642: The model, its manager and a QuerySet behave alike: one match is returned, none is Http404, two are an error."""
    code = """
    from django.shortcuts import get_object_or_404
    Item.objects.bulk_create(Item(name=name) for name in "abb")
    show(found=[get_object_or_404(kind, name="a").name for kind in (Item, Item.objects, Item.objects.all())],
         none=[failure(get_object_or_404, kind, name="x") for kind in (Item, Item.objects, Item.objects.all())],
         two=[failure(get_object_or_404, kind, name="b") for kind in (Item, Item.objects, Item.objects.all())])
    """
    assert run_django(tmp_path, code, ITEM) == {"found": ["a"] * 3, "none": ["Http404"] * 3, "two": ["MultipleObjectsReturned"] * 3}


def test_querydicts_are_immutable_and_give_the_last_value(tmp_path: Path) -> None:
    """DJA643: The last of two values, a list from getlist(), and no change but on a copy."""
    code = """
    def page(request):
        for data in (request.GET, request.POST):
            copy = data.copy()
            copy["a"] = "3"
            seen.append([data["a"], data.get("a"), data.getlist("a"), failure(data.__setitem__, "a", "3"), copy["a"]])
        return HttpResponse()
    seen = []
    urlpatterns += [path("", page)]
    Client().post("/?a=1&a=2", {"a": ["1", "2"]})
    show(seen=seen)
    """
    assert run_django(tmp_path, code)["seen"] == [["2", "2", ["1", "2"], "AttributeError", "3"]] * 2


def test_generic_display_views_have_default_names(tmp_path: Path) -> None:
    """DJA644: Template and variables come from the model; context_object_name replaces only the one named after it."""
    code = """
    from django.views.generic import DetailView, ListView
    Item.objects.create(name="a")
    class Overview(ListView): model = Item
    class Named(ListView): model, context_object_name = Item, "things"
    class One(DetailView): model = Item
    def seen(view, **parts):
        response = view.as_view()(RequestFactory().get("/"), **parts)
        return [response.template_name, sorted(name for name in response.context_data if name not in ("view", "paginator", "page_obj", "is_paginated"))]
    show(list=seen(Overview), named=seen(Named), one=seen(One, pk=1))
    """
    assert run_django(tmp_path, code, ITEM) == {
        "list": [["shop/item_list.html"], ["item_list", "object_list"]],
        "named": [["shop/item_list.html"], ["object_list", "things"]],
        "one": [["shop/item_detail.html"], ["item", "object"]],
    }


def test_middleware_is_instantiated_once(tmp_path: Path) -> None:
    """DJA645: Three requests call one instance and the inner function thrice, and run __init__() and the factory once."""
    code = """
    from io import BytesIO
    from django.core.wsgi import get_wsgi_application
    made, called = [], []
    class Counting:
        def __init__(self, get_response):
            self.get_response = get_response
            made.append("class")
        def __call__(self, request):
            called.append(id(self))
            return self.get_response(request)
    def factory(get_response):
        made.append("factory")
        def middleware(request):
            called.append("inner")
            return get_response(request)
        return middleware
    urlpatterns += [path("", lambda request: HttpResponse())]
    application = get_wsgi_application()
    for _ in range(3): application(RequestFactory().get("/").environ, lambda line, headers: None).close()
    show(made=made, inner=called.count("inner"), instances=len({*called} - {"inner"}), calls=len(called))
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=["__main__.Counting", "__main__.factory"])
    assert seen == {"made": ["factory", "class"], "inner": 3, "instances": 1, "calls": 6}


def test_context_processors_run_when_a_template_is_rendered_with_a_request(tmp_path: Path) -> None:
    """DJA646: render() calls one each time; JSON, a redirect and a rendering without the request do not."""
    code = """
    from django.http import JsonResponse
    from django.shortcuts import redirect, render
    from django.template.loader import render_to_string
    called = []
    def extra(request):
        called.append(request.path)
        return {"a": "extra"}
    def twice(request): return HttpResponse(render(request, "a.html").content + render(request, "a.html").content)
    urlpatterns += [path("json", lambda request: JsonResponse({})), path("moved", lambda request: redirect("/json")), path("twice", twice)]
    for url in ("/json", "/moved"): Client().get(url)
    alone, before = render_to_string("a.html"), list(called)
    show(alone=alone, before=before, twice=Client().get("/twice").content.decode(), called=called)
    """
    seen = run_django(tmp_path, code, TEMPLATES=templates({"a.html": "({{ a }})"}, "__main__.extra"))
    assert seen == {"alone": "()", "before": [], "twice": "(extra)(extra)", "called": ["/twice"] * 2}


def test_custom_error_pages_need_debug_off(tmp_path: Path) -> None:
    """DJA647: The templates, then the handlers, answer with DEBUG off; with DEBUG on both give way to the technical pages, unlike 403.html."""
    code = """
    import logging
    from django.core.exceptions import PermissionDenied
    from django.urls import clear_url_caches
    logging.disable()
    def forbid(request): raise PermissionDenied
    urlpatterns += [path("crash", lambda request: 1 / 0), path("forbidden", forbid)]
    def page(url): return Client(raise_request_exception=False).get(url).content.decode()
    def pages():
        clear_url_caches()
        return [text if text.startswith("own") else "DEBUG = True" in text for text in map(page, ("/nowhere", "/crash", "/forbidden"))]
    seen = {}
    for source in ("template", "handler"):
        for settings.DEBUG in (False, True): seen[f"{source} {settings.DEBUG}"] = pages()
        def handler404(request, exception): return HttpResponse("own handler", status=404)
        def handler500(request): return HttpResponse("own handler", status=500)
    show(**seen)
    """
    seen = run_django(tmp_path, code, TEMPLATES=templates({f"{status}.html": f"own {status}" for status in (403, 404, 500)}))
    assert seen == {
        "template False": ["own 404", "own 500", "own 403"],
        "template True": [True, True, "own 403"],
        "handler False": ["own handler", "own handler", "own 403"],
        "handler True": [True, True, "own 403"],
    }


def test_viewsets_have_these_actions() -> None:
    """DJA648: The actions that each class has, and no method named after a verb."""
    code = """
from rest_framework import viewsets
every = ["list", "create", "retrieve", "update", "partial_update", "destroy", "get", "post", "put", "patch", "delete"]
show(*[[name for name in every if hasattr(kind, name)] for kind in
       (viewsets.ModelViewSet, viewsets.ReadOnlyModelViewSet, viewsets.GenericViewSet, viewsets.ViewSet)])
"""
    six = ["list", "create", "retrieve", "update", "partial_update", "destroy"]
    assert run_rest(code) == [six, ["list", "retrieve"], [], []]


def test_request_data_is_the_parsed_body() -> None:
    """DJA649: JSON and multipart forms with a file, for three methods; the query string is elsewhere and request.POST knows no JSON."""
    code = """
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView
class Echo(APIView):
    def post(self, request):
        file = request.data.get("file")
        return Response([request.data["a"], file and file.name, "q" in request.data, request.query_params["q"], "a" in request.POST])
    put = patch = post
urlpatterns = [path("", Echo.as_view())]
def ask(method, kind, **more): return getattr(APIClient(), method)("/?q=1", {"a": "b", **more}, format=kind).data
methods = ("post", "put", "patch")
show([ask(method, "json") for method in methods],
     [ask(method, "multipart", file=SimpleUploadedFile("f.txt", b"f"))[:4] for method in methods])
"""
    assert run_rest(code) == [[["b", None, False, "1", False]] * 3, [["b", "f.txt", False, "1"]] * 3]


def test_anonymous_and_user_throttles_count() -> None:
    """DJA650: One request a day: who is let through twice, from the same and from another address."""
    code = """
from django.core.cache import cache
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle
from rest_framework.views import APIView
class Anon(APIView):
    throttle_classes = [AnonRateThrottle]
    def get(self, request): return Response()
class Known(Anon): throttle_classes = [UserRateThrottle]
urlpatterns = [path("anon", Anon.as_view()), path("user", Known.as_view())]
ann, bob = (User.objects.create_user(name) for name in ("ann", "bob"))
def statuses(url, *asked):
    cache.clear()
    seen = []
    for user, address in asked:
        client = APIClient(REMOTE_ADDR=address)
        client.force_authenticate(user)
        seen.append(client.get(url).status_code)
    return seen
nobody, account = [(None, "1.1.1.1"), (None, "1.1.1.1"), (None, "2.2.2.2")], [(ann, "1.1.1.1"), (bob, "1.1.1.1"), (ann, "2.2.2.2")]
show(*[statuses(url, *asked) for url in ("/anon", "/user") for asked in (nobody, account)])
"""
    rates = {"DEFAULT_THROTTLE_RATES": {"anon": "1/day", "user": "1/day"}}
    assert run_rest(code, rates) == [[200, 429, 200], [200] * 3, [200, 429, 200], [200, 200, 429]]
