"""What interview texts got wrong: sessions and cookies, Django's ORM, SQLAlchemy's session, Celery's retries, WebSockets, requests."""

import socket
import subprocess
import sys
import threading
from datetime import timedelta
from importlib import import_module as load
from pathlib import Path
from typing import Any

import pytest
from django_process import run_django


def login_app() -> Any:
    """A Flask app that logs in at /in, for long with ?long=1, and tells at / who is logged in."""
    flask = load("flask")
    app = flask.Flask("app")
    app.secret_key = "k" * 32

    def enter() -> str:
        flask.session["user"] = "ada"
        flask.session.permanent = "long" in flask.request.args
        return "in"

    app.add_url_rule("/in", "enter", enter)
    app.add_url_rule("/", "home", lambda: flask.session.get("user", "nobody"))
    return app


def test_flask_renews_a_permanent_session_with_every_response() -> None:
    """FLK941: A page view resends the cookie of a permanent session, no other one's, and not with the setting off."""
    app = login_app()

    def renewed(url: str) -> bool:
        client = app.test_client()
        assert "Set-Cookie" in client.get(url).headers
        answer = client.get("/")
        assert answer.text == "ada"
        return "Expires=" in answer.headers.get("Set-Cookie", "")

    assert app.config["SESSION_REFRESH_EACH_REQUEST"] is True
    assert (renewed("/in?long=1"), renewed("/in")) == (True, False)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    assert not renewed("/in?long=1")


def test_django_resends_a_session_only_when_it_was_modified(tmp_path: Path) -> None:
    """DJA981: By default a page view sends no cookie and leaves the end in the database; with the setting on it does both."""
    code = """
    from datetime import timedelta
    from django.contrib.sessions.models import Session
    from django.test import override_settings
    from django.utils import timezone
    def write(request):
        request.session["user"] = "ada"
        return HttpResponse("in")
    urlpatterns += [path("in", write), path("", lambda request: HttpResponse(request.session["user"]))]
    client = Client()
    def view(url):
        Session.objects.update(expire_date=timezone.now() + timedelta(days=1))
        sends = "sessionid" in client.get(url).cookies
        return [sends, Session.objects.get().expire_date > timezone.now() + timedelta(days=13)]
    client.get("/in")
    seen = [settings.SESSION_SAVE_EVERY_REQUEST, view("/"), view("/in")]
    with override_settings(SESSION_SAVE_EVERY_REQUEST=True):
        show(seen=seen, every=view("/"))
    """
    assert run_django(tmp_path, code) == {"seen": [False, [False, False], [True, True]], "every": [True, True]}


def test_queryset_update_leaves_auto_now_alone(tmp_path: Path) -> None:
    """DJA982: Neither update() nor bulk_update() moves it nor names it in the SQL; save() does, and so does a value passed."""
    models = "class Note(models.Model):\n    title = models.TextField()\n    changed = models.DateTimeField(auto_now=True)"
    code = """
    from datetime import datetime, timezone
    old = datetime(2000, 1, 1, tzinfo=timezone.utc)
    note = Note.objects.create(title="a")
    def moved(change):
        Note.objects.update(changed=old)
        note.refresh_from_db()
        change()
        return Note.objects.get().changed != old
    changes = [lambda: Note.objects.update(title="b"), lambda: Note.objects.bulk_update([note], ["title"]),
               lambda: note.save(update_fields=["title"]), note.save, lambda: Note.objects.update(changed=datetime.now(timezone.utc))]
    show(moved=[moved(change) for change in changes], sql=sent(lambda: Note.objects.update(title="c")))
    """
    seen = run_django(tmp_path, code, models)
    assert seen["moved"] == [False, False, False, True, True]
    assert len(seen["sql"]) == 1 and "changed" not in seen["sql"][0]


def test_get_or_create_is_safe_only_with_a_unique_constraint(tmp_path: Path) -> None:
    """DJA983: A row that comes between its SELECT and its INSERT makes a duplicate, or with a constraint is the one returned."""
    models = """
    class Loose(models.Model):
        name = models.TextField()
    class Strict(models.Model):
        name = models.TextField(unique=True)
    """
    code = """
    def race(model):
        def rival(execute, sql, *rest):
            result = execute(sql, *rest)
            if sql.startswith("SELECT") and not rivals:
                rivals.append(sql)
                model.objects.bulk_create([model(name="x")])
            return result
        rivals = []
        with connection.execute_wrapper(rival):
            made = model.objects.get_or_create(name="x")[1]
        return [made, model.objects.count(), failure(model.objects.get_or_create, name="x")]
    show(loose=race(Loose), strict=race(Strict))
    """
    assert run_django(tmp_path, code, models) == {"loose": [True, 2, "MultipleObjectsReturned"], "strict": [False, 1, None]}


def users() -> tuple[Any, Any]:
    """An engine on a database in memory with an empty table of users, and their class."""
    sql, orm = load("sqlalchemy"), load("sqlalchemy.orm")
    base = orm.declarative_base()
    columns = {"id": sql.Column(sql.Integer, primary_key=True), "name": sql.Column(sql.String)}
    user = type("User", (base,), {"__tablename__": "user", **columns})
    engine = sql.create_engine("sqlite://")
    base.metadata.create_all(engine)
    return engine, user


def test_a_session_block_closes_without_commit() -> None:
    """DBS901: Nothing is left of what the plain block added, even flushed; commit(), begin() and sessionmaker.begin() save it."""
    sql, orm = load("sqlalchemy"), load("sqlalchemy.orm")
    engine, user = users()

    def saved() -> int:
        with engine.connect() as connection:
            return int(connection.scalar(sql.select(sql.func.count()).select_from(user)))

    with orm.Session(engine) as session:
        session.add(user(name="ada"))
        session.flush()
        assert session.in_transaction()
    assert (saved(), session.in_transaction()) == (0, False)
    with orm.Session(engine) as session:
        session.add(user(name="ada"))
        session.commit()
    with orm.Session(engine) as session, session.begin():
        session.add(user(name="bob"))
    with orm.sessionmaker(engine).begin() as session:
        session.add(user(name="cem"))
    assert saved() == 3


@pytest.mark.filterwarnings("error")
def test_session_query_still_works() -> None:
    """DBS902: It gives the same objects as select(), without a warning; what was removed, such as Engine.execute(), is gone."""
    sql, orm = load("sqlalchemy"), load("sqlalchemy.orm")
    engine, user = users()
    assert int(sql.__version__.split(".")[0]) >= 2
    with orm.Session(engine) as session:
        session.add_all([user(name="ada"), user(name="bob")])
        session.commit()
        old = session.query(user).filter_by(name="bob").all()
        assert old == session.scalars(sql.select(user).filter_by(name="bob")).all() and isinstance(old[0], user)
    assert not hasattr(engine, "execute")
    engine.dispose()


def test_celery_retries_only_what_it_is_told_to(tmp_path: Path) -> None:
    """TSK901: A task that raises runs once, max_retries=5 or not; with autoretry_for it runs once and three times more."""
    code = """
import collections, json
from celery import Celery
app, runs = Celery("app", broker="memory://"), collections.Counter()
def fail(name, **options):
    def body():
        runs[name] += 1
        raise ValueError
    task = app.task(name=name, **options)(body)
    return task.apply().state, task.max_retries
states = [fail("plain"), fail("limited", max_retries=5), fail("told", autoretry_for=(ValueError,), default_retry_delay=0)]
print(json.dumps([states, runs]))
"""
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    states, runs = load("json").loads(done.stdout)
    assert states == [["FAILURE", 3], ["FAILURE", 5], ["FAILURE", 3]]
    assert runs == {"plain": 1, "limited": 1, "told": 4}


def test_a_restored_session_cookie_is_taken_until_the_server_sets_a_limit() -> None:
    """HTP901: A cookie without expiry that a new browser brings along logs in as before; only a limit on the server refuses it."""
    app = login_app()
    header = app.test_client().get("/in").headers["Set-Cookie"]
    assert "expires" not in header.lower() and "max-age" not in header.lower()
    restored = {"Cookie": header.split(";")[0]}
    browser = app.test_client(use_cookies=False)
    assert browser.get("/").text == "nobody"
    assert browser.get("/", headers=restored).text == "ada"
    app.permanent_session_lifetime = timedelta(seconds=-1)
    assert browser.get("/", headers=restored).text == "nobody"


def test_cors_does_not_restrict_websockets() -> None:
    """HTP902: With CORS for one origin only, a WebSocket from another, cookie and all, is accepted; a check of Origin refuses it."""
    applications, routing, middleware = (load(f"starlette.{name}") for name in ("applications", "routing", "middleware.cors"))
    testclient, good, evil = load("starlette.testclient"), "https://good.example", "https://evil.example"

    async def talk(websocket: Any) -> None:
        if websocket.url.path == "/" or websocket.headers["origin"] == good:
            await websocket.accept()
            await websocket.send_text(websocket.cookies["who"])
        else:
            await websocket.close()

    app = applications.Starlette(routes=[routing.WebSocketRoute(path, talk) for path in ("/", "/strict")])
    app.add_middleware(middleware.CORSMiddleware, allow_origins=[good])
    client = testclient.TestClient(app)
    head = {"Origin": evil, "Cookie": "who=ada"}
    assert client.options("/", headers=head | {"Access-Control-Request-Method": "GET"}).status_code == 400
    with client.websocket_connect("/", headers=head) as websocket:
        assert websocket.receive_text() == "ada"
    with pytest.raises(load("starlette.websockets").WebSocketDisconnect), client.websocket_connect("/strict", headers=head):
        pass


def test_requests_waits_without_limit_unless_told() -> None:
    """HTP903: The socket gets no timeout, not even from an attribute of the session; with timeout= a silent server is given up."""
    requests = load("requests")
    with socket.create_server(("127.0.0.1", 0)) as silent, requests.Session() as session:
        url, ended = f"http://127.0.0.1:{silent.getsockname()[1]}/", threading.Event()
        session.timeout = 0.1

        def wait() -> None:
            with pytest.raises(requests.ConnectionError):
                session.get(url)
            ended.set()

        threading.Thread(target=wait, daemon=True).start()
        connection = silent.accept()[0]
        assert not ended.wait(0.8)
        with pytest.raises(requests.ReadTimeout):
            requests.get(url, timeout=0.1)
        connection.close()
        assert ended.wait(10)
