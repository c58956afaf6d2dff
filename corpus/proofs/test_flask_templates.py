"""Flask with Jinja: pages, escaping, template folders and static files."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest
from flask import Blueprint, Flask, render_template, render_template_string, request
from markupsafe import Markup


def write(folder: Path, **files: str) -> None:
    """Templates or static files, `page_html` standing for page.html."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)


def renders(template: str, **values: object) -> Callable[[], str]:
    return lambda: render_template(template, **values)


def test_html_is_rendered_on_the_server_from_a_template(tmp_path: Path) -> None:
    """FLK001: The same Jinja file gives a different finished HTML page for each request."""
    write(tmp_path / "templates", shop_html="<h1>{{ user }}</h1>{% for item in items %}<li>{{ item }}</li>{% endfor %}")
    app = Flask("shop", root_path=str(tmp_path))

    @app.get("/<user>")
    def shop(user: str) -> str:
        return render_template("shop.html", user=user, items=request.args.getlist("item"))

    client = app.test_client()
    answer = client.get("/Ann?item=tea&item=milk")
    assert answer.mimetype == "text/html"
    assert answer.text == "<h1>Ann</h1><li>tea</li><li>milk</li>"
    assert client.get("/Bob").text == "<h1>Bob</h1>"


def test_undefined_variable_prints_nothing() -> None:
    """FLK200: Printing, looping and testing an undefined name raise nothing; its attribute, a call and a sum raise."""
    environment = jinja2.Environment(autoescape=True)
    for source in (
        "a{{ missing }}b",
        "a{% for x in missing %}x{% endfor %}b",
        "a{% if missing %}x{% endif %}b",
    ):
        assert environment.from_string(source).render() == "ab"
    for source in ("{{ missing.name }}", "{{ missing() }}", "{{ missing + 1 }}", "{{ missing['key'] }}"):
        with pytest.raises(jinja2.UndefinedError):
            environment.from_string(source).render()
    strict = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    with pytest.raises(jinja2.UndefinedError):
        strict.from_string("a{{ missing }}b").render()


def test_safe_filter_only_switches_escaping_off() -> None:
    """FLK201: With |safe the value goes out unescaped and unchanged, script tag included; nothing is cleaned."""
    environment = jinja2.Environment(autoescape=True)
    evil = "<script>steal()</script><b onclick='x()'>bold</b>"
    assert environment.from_string("{{ text }}").render(text="<b>") == "&lt;b&gt;"
    assert environment.from_string("{{ text|safe }}").render(text=evil) == evil
    assert environment.from_string("{{ text }}").render(text=Markup(evil)) == evil
    assert "<" not in environment.from_string("{{ text }}").render(text=evil)


def test_app_templates_come_before_those_of_a_blueprint(tmp_path: Path) -> None:
    """FLK205: Of two templates with the same name the one of the app is used; the other ones of the blueprint are found."""
    write(tmp_path / "templates", index_html="from the app")
    write(tmp_path / "admin", index_html="from the blueprint", only_html="only in the blueprint")
    write(tmp_path / "later", only_html="from a later blueprint")
    app = Flask("shop", root_path=str(tmp_path))
    first = Blueprint("first", "shop", root_path=str(tmp_path), template_folder="admin", url_prefix="/first")
    later = Blueprint("later", "shop", root_path=str(tmp_path), template_folder="later", url_prefix="/later")
    for blueprint in (first, later):
        blueprint.add_url_rule("/", "index", renders("index.html"))
        blueprint.add_url_rule("/only", "only", renders("only.html"))
        app.register_blueprint(blueprint)
    client = app.test_client()
    assert client.get("/first/").text == "from the app"
    assert client.get("/first/only").text == "only in the blueprint"
    assert client.get("/later/only").text == "only in the blueprint"
    (tmp_path / "templates" / "index.html").unlink()
    without = Flask("shop", root_path=str(tmp_path))
    without.register_blueprint(first)
    assert without.test_client().get("/first/").text == "from the blueprint"


def test_static_folder_is_served_without_a_route(tmp_path: Path) -> None:
    """FLK110: Files in static come out under /static although the app has no route of its own; others do not."""
    write(tmp_path / "static", app_css="body { color: red }")
    write(tmp_path / "private", hidden_txt="hidden")
    app = Flask("shop", root_path=str(tmp_path))
    client = app.test_client()
    with client.get("/static/app.css") as answer:
        assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/css", "body { color: red }")
    assert [rule.rule for rule in app.url_map.iter_rules()] == ["/static/<path:filename>"]
    assert client.get("/private/hidden.txt").status_code == 404
    assert client.get("/static/../private/hidden.txt").status_code == 404
    without = Flask("shop", root_path=str(tmp_path), static_folder=None)
    assert without.test_client().get("/static/app.css").status_code == 404


def test_import_name_locates_templates_and_static_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK024: Flask("shop_24") looks for templates, static files and resources in the folder of that package."""
    package = tmp_path / "shop_24"
    write(package / "templates", index_html="page of the shop")
    write(package / "static", app_css="style of the shop")
    (package / "__init__.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    (package / "data.txt").write_text("resource")
    monkeypatch.syspath_prepend(tmp_path)

    def answers(app: Flask) -> tuple[str, bytes]:
        with app.test_request_context(), app.test_client().get("/static/app.css") as style:
            return render_template("index.html"), style.data

    by_dunder_name = importlib.import_module("shop_24").app
    for app in (by_dunder_name, Flask("shop_24")):
        assert app.import_name == "shop_24"
        assert Path(app.root_path) == package
        assert answers(app) == ("page of the shop", b"style of the shop")
        with app.open_resource("data.txt") as resource:
            assert resource.read() == b"resource"
    elsewhere = Flask("json")  # another import name, and the templates are not found
    with elsewhere.test_request_context(), pytest.raises(jinja2.TemplateNotFound):
        render_template_string("{% include 'index.html' %}")
    assert elsewhere.test_client().get("/static/app.css").status_code == 404
    sys.modules.pop("shop_24")
