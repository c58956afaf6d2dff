"""Every rule on samples of code: its own examples, exact places, and texts of any shape."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.text import Document, read_document, segments
from linter.finding import Finding
from linter.rule import DocumentRule
from linter.rules.code import CODE_RULES

Ask = Callable[..., list[Finding]]
BY_CODE = {rule.info.code: rule for rule in CODE_RULES}
IN_PROSE = {"COD008", "COD011", "COD013"}  # their examples are sentences


def page(rule: DocumentRule, example: str) -> str:
    """An example as a page: a sentence, a page with its own fences, or a program."""
    return example if "```" in example or rule.info.code in IN_PROSE else f"```python\n{example}\n```\n"


WRONG = [(rule, example) for rule in CODE_RULES for example in rule.info.wrong]
RIGHT = [(rule, example) for rule in CODE_RULES for example in rule.info.right]


@pytest.mark.parametrize(("rule", "example"), WRONG, ids=lambda v: v.info.code if hasattr(v, "info") else "")
def test_the_wrong_example_is_found_once(ask: Ask, rule: DocumentRule, example: str) -> None:
    """What a rule gives as wrong, it reports, once, with what to do."""
    found = ask(rule, page(rule, example))
    assert len(found) == 1, [f.text for f in found]
    assert found[0].code == rule.info.code and found[0].message.endswith(".")


@pytest.mark.parametrize(("rule", "example"), RIGHT, ids=lambda v: v.info.code if hasattr(v, "info") else "")
def test_the_right_example_is_silent(ask: Ask, rule: DocumentRule, example: str) -> None:
    """What a rule gives as right, it leaves alone."""
    assert ask(rule, page(rule, example)) == []


def test_codes_and_names_are_unique_and_ordered_by_kind() -> None:
    """A code or name given twice would suppress the wrong rule."""
    assert len({r.info.code for r in CODE_RULES}) == len({r.info.name for r in CODE_RULES}) == len(CODE_RULES)
    assert all(r.info.code.startswith("COD") and r.info.sources and r.info.wrong and r.info.right for r in CODE_RULES)


def fenced(code: str) -> str:
    return f"```python\n{code}\n```\n"


# (code of the rule, page, path, words that must be found)
FOUND = [
    # a package is named where it is first offered, and not where the text knows better, now or soon after
    ("COD013", "Use Flask-JWT for tokens. Flask-JWT is easy.\n\nHere we import flask_restless too.\n", "a.md", ["Flask-JWT", "flask_restless"]),
    ("COD013", "Flask-Restless is dead simple.\n\n- Flask-Via: routes.\n- Flask-Sijax: discontinued.\n", "a.md", ["Flask-Restless", "Flask-Via"]),
    ("COD013", "Set DB_USER to flask_user. A Flask-Celery application needs a broker. Flask-Reuploaded is a fork of Flask-Uploads.\n", "a.md", []),
    ("COD011", "The removal of before_first_request surprised many.\n", "a.md", []),
    ("COD013", "Flask-JWT-Extended issues tokens. You don't need Flask-Uploads. Is Flask-Script still used?\n", "a.md", []),
    ("COD013", "Flask-Sijax lets the page call functions. The package has been abandoned for years.\n", "a.md", []),
    ("COD013", "- Uploads that work with Flask Uploads\n- Sessions in Flask KVSession\n", "a.md", ["Flask Uploads", "Flask KVSession"]),
    ("COD013", "A Flask User model, a flask restless in its rack, Flask Cache settings and what Flask uploads.\n", "a.md", []),
    # damage of extraction, in plain text
    ("COD001", "from flask import Flask\napp = Flask(__name__)\ndef go()\n    return 1\n", "a.txt", ["def go()"]),
    ("COD001", "from x import y\ndef run():\n    y()\nif __name__ == '__main__':\n", "a.txt", ["if __name__ == '__main__':"]),
    ("COD001", "    import os\n    def f(n):\n            x = n\n        except OSError:\n            x = 0\n", "a.txt", ["except OSError:"]),
    ("COD001", "import os\nrows = [\n    os.name,\n    os.sep\n# next\ndef g():\n    return rows\n", "a.txt", ["["]),
    ("COD001", "from a import b[Text Wrapping Break]@b.route('/x')[Text Wrapping Break]def v():[Text Wrapping Break]    x = b()[Text Wrapping Break]'/tmp/x')\n", "a.txt", ["'/tmp/x')"]),
    ("COD001", fenced("try:\n    go()\nexcept OSError, e:\n    pass"), "a.md", ["except OSError, e:"]),
    ("COD002", "def f(x):\nx += 1\nif x:\nreturn 1\n", "a.txt", ["def f(x):"]),
    ("COD003", "def a():\n    # todo\ndef b():\n    # todo\n", "a.txt", ["def a():"]),
    ("COD004", fenced("from m import M\nm = M()\n# run it\nflask db upgrade\nflask db upgrade"), "a.md", ["flask db upgrade"]),
    ("COD005", fenced("from os import sep\nx = “a”"), "a.md", ["“"]),
    ("COD006", "from flask import jsonify\n\n@app.route('/x')\ndef x():\n    return jsonify(request.args)\n", "a.txt", ["request"]),
    ("COD006", "from flask_login import LoginManager\napp = Flask(__name__)\n", "a.txt", ["Flask"]),
    ("COD010", fenced("import flask\nx = flask.Markup('a')"), "a.md", ["flask.Markup"]),
    ("COD010", fenced("from werkzeug.contrib.fixers import ProxyFix"), "a.md", ["from werkzeug.contrib.fixers import ProxyFix"]),
    ("COD010", fenced("from flask.ext.login import LoginManager"), "a.md", ["from flask.ext.login import LoginManager"]),
    ("COD010", fenced("from werkzeug import secure_filename"), "a.md", ["secure_filename"]),
    ("COD010", fenced("from flask_babel import Babel\nb = Babel(app)\n@b.localeselector\ndef l():\n    return 'en'"), "a.md", ["b.localeselector"]),
    ("COD010", fenced(">>> from jinja2 import contextfilter"), "a.md", ["contextfilter"]),
    ("COD011", "Use `app.before_first_request` for set-up.\n", "a.md", ["app.before_first_request"]),
    ("COD011", "Flask offers before_first_request, before_request and after_request.\n", "a.txt", ["before_first_request"]),
    ("COD012", "```sh\npip install Flask Flask-Script\n```\n", "a.md", ["Flask-Script"]),
    ("COD012", fenced("from fabric.api import run"), "a.md", ["from fabric.api import run"]),
    ("COD020", "The usual call: app.run(host='0.0.0.0', debug=True).\n", "a.txt", ["app.run(host='0.0.0.0', debug=True)"]),
    ("COD020", fenced("app.debug = True\napp.run(host='0.0.0.0')"), "a.md", ["app.run(host='0.0.0.0')"]),
    ("COD023", fenced("import jwt\nt = jwt.encode({}, 's3cr3t', algorithm='HS256')"), "a.md", ["'s3cr3t'"]),
    ("COD024", fenced("u = User.query.filter_by(name=name, password=password).first()"), "a.md", ["User.query.filter_by(name=name, password=password)"]),
    ("COD024", fenced("ok = compare_digest(user.password.encode(), password.encode())"), "a.md", ["compare_digest(user.password.encode(), password.encode())"]),
    ("COD025", fenced("h = generate_password_hash(p, method='sha256')"), "a.md", ["generate_password_hash(p, method='sha256')"]),
    ("COD026", fenced("q = 'SELECT * FROM t WHERE a = ' + a\ncur.execute(q)"), "a.md", ["'SELECT * FROM t WHERE a = ' + a"]),
    ("COD026", fenced("db.session.execute(text('DELETE FROM t WHERE a = {}'.format(a)))"), "a.md", ["'DELETE FROM t WHERE a = {}'.format(a)"]),
    ("COD027", fenced("@app.get('/')\ndef i():\n    n = request.args.get('n')\n    return '<b>%s</b>' % n"), "a.md", ["'<b>%s</b>' % n"]),
    ("COD027", fenced("t = '<b>' + request.args['n']\nrender_template_string(t)"), "a.md", ["render_template_string(t)"]),
    ("COD030", fenced("f = request.files['f']\nn = f.filename\nf.save(f'/up/{n}')"), "a.md", ["f.save(f'/up/{n}')"]),
    ("COD031", fenced("import yaml\nd = yaml.load(open('x'))"), "a.md", ["yaml.load(open('x'))"]),
    ("COD031", fenced("subprocess.run('ping ' + request.form['h'], shell=True)"), "a.md", ["subprocess.run('ping ' + request.form['h'], shell=True)"]),
    ("COD033", fenced("c = jwt.decode(t, key)"), "a.md", ["jwt.decode(t, key)"]),
    ("COD034", fenced("r = httpx.get(u, verify=False)"), "a.md", ["httpx.get(u, verify=False)"]),
    ("COD035", fenced("app.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)"), "a.md", ["app.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "path", "words"), FOUND)
@pytest.mark.parametrize("change", ["plain", "crlf", "shifted"])
def test_found_at_the_exact_words(ask: Ask, code: str, text: str, path: str, words: list[str], change: str) -> None:
    """Whatever the line ends are, and whatever stands above: emoji, no-break spaces, tabs."""
    if change == "crlf":
        text = text.replace("\n", "\r\n")
    elif change == "shifted":
        text = "Caf\u00e9\u00a0\U0001f40d\tnotes.\n\n" + text
    assert [f.text for f in ask(BY_CODE[code], text, path)] == words


SILENT = [
    ("COD001", "```js\nconst f = async (x) => { return x; };\n```\n", "a.md"),
    ("COD001", "const app = express();\napp.get('/', (q, r) => {\n  r.send('x');\n});\n", "a.txt"),
    ("COD001", fenced("setup(\n    ...\n    packages=find_packages()\n)"), "a.md"),
    ("COD001", fenced("@app.route('/x')"), "a.md"),
    ("COD001", fenced("class Stack[T]:\n    def push(self, x: T) -> None: ...\n\ntype N = int"), "a.md"),
    ("COD001", fenced("from a import b\nx = b(1, ...)\ny = b(k=1, ...)"), "a.md"),
    ("COD001", fenced(">>> def f():\n...     return 1\n...\n>>> f()\n1"), "a.md"),
    ("COD001", "server {\n    listen 80;\n}\n", "a.txt"),
    ("COD001", "FROM python:3.12\nRUN pip install flask\nCMD [\"gunicorn\", \"app:app\"]\n", "a.txt"),
    ("COD003", fenced("def a():\n    pass  # todo"), "a.md"),
    ("COD005", fenced("x = 'don’t'\ny = “a”.b c"), "a.md"),
    ("COD006", fenced("from flask import *\nx = request.args"), "a.md"),
    ("COD006", fenced("from django.http import HttpResponse\ndef v(request):\n    return HttpResponse(request.path)"), "a.md"),
    ("COD006", fenced("@app.route('/')\ndef x():\n    return redirect('/y')"), "a.md"),
    ("COD010", fenced("from markupsafe import Markup, escape"), "a.md"),
    ("COD010", fenced("app = FastAPI()\napp.json_encoder = X"), "a.md"),
    ("COD011", "`flask.Markup` was removed in Flask 3.0.\n", "a.md"),
    ("COD011", "Before 2.3 there was app.before_first_request.\n", "a.txt"),
    ("COD011", "See flask.palletsprojects.com and /flask/ext/ for more.\n", "a.txt"),
    ("COD012", fenced("from flask_caching import Cache"), "a.md"),
    ("COD020", "Never call app.run(host='0.0.0.0', debug=True).\n", "a.txt"),
    ("COD023", fenced("app.config['SECRET_KEY'] = os.environ['SECRET_KEY']\nDB_PASSWORD = 'your-password'"), "a.md"),
    ("COD023", fenced("app.config['TESTING'] = True\napp.config['SECRET_KEY'] = 'x'"), "a.md"),
    ("COD024", fenced("if form.password.data == form.confirm.data:\n    pass\nif password != password2:\n    pass"), "a.md"),
    ("COD026", fenced("cur.execute('SELECT * FROM t WHERE a = ?', (a,))\ncur.execute(f'SELECT * FROM {TABLE}')"), "a.md"),
    ("COD026", "This is vulnerable to SQL injection:\n\n" + fenced("cur.execute(f'SELECT * FROM t WHERE a = {a}')"), "a.md"),
    ("COD027", fenced("@app.get('/<int:n>')\ndef i(n):\n    return f'<b>{n}</b>'"), "a.md"),
    ("COD027", fenced("def hello(name):\n    return f'Hello {name}'"), "a.md"),
    ("COD029", fenced("# ProxyFix is not there yet\nip = request.headers.get('X-Forwarded-For')"), "a.md"),
    ("COD030", fenced("f.save(os.path.join(d, secure_filename(f.filename)))"), "a.md"),
    ("COD031", fenced("d = yaml.safe_load(request.data)\nn = int(request.args['n'])\neval(n)"), "a.md"),
    ("COD032", fenced("t = request.args['next']\nif is_safe_url(t):\n    redirect(t)"), "a.md"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "path"), SILENT)
def test_silent_beside_it(ask: Ask, code: str, text: str, path: str) -> None:
    """Near misses: other languages, elisions, fragments, newer Python, bad examples shown as such."""
    assert [f.text for f in ask(BY_CODE[code], text, path)] == []


def test_a_cause_is_told_once_a_question(ask: Ask) -> None:
    """Five lines with the same mistake under one question are one finding."""
    text = "\n".join(f"- `@app.route(methods=['{m}'])` for {m}" for m in ("GET", "PUT", "POST", "PATCH", "DELETE"))
    assert len(ask(BY_CODE["COD008"], f"## Which methods?\n\n{text}\n")) == 1


PIECES = st.sampled_from(
    ["def f(", "):", "\n", "    ", "\t", "\r\n", "'''", '"', "“", "x = ", "[", "]", "{", "}}", "{{ a|safe", "@app.route", "(", ")", "if x:", "# c",
     "pip install x\n", ">>> ", "...", "```python\n", "```\n", "\u00a0", "\U0001f40d", "é", "request.args['a']", "f'{", "import flask", "from a import *",
     "[Text Wrapping Break]", "app.run(debug=True)", "\u2028", "\x0c", "else:", "\\"]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(PIECES | st.text(max_size=6), max_size=30).map("".join), st.sampled_from(["a.md", "a.txt"]))
def test_no_text_makes_a_rule_fail(text: str, path: str) -> None:
    """Any text is read, and every span lies inside it and is not empty."""
    document = Document(path, text)
    found = segments(document)
    for rule in CODE_RULES:
        for finding in rule.check(document, found):
            assert 0 <= finding.span.start < finding.span.end <= len(text)
            assert finding.text == document.slice(finding.span)


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "x = " + "-" * 50_000, "@app.route(" * 3_000, "def f():\n" * 3_000, "`a.b_c` " * 20_000, "a.b" * 20_000]
)
def test_long_lines_of_one_thing_are_read(ask: Ask, text: str) -> None:
    """Depth and length are bounded before the parser sees a sample; what is found stands in the text."""
    for rule in CODE_RULES:
        for page, path in ((f"```python\n{text}\n```\n", "a.md"), (text, "a.txt")):
            assert all(f.text and page[f.span.start : f.span.end] == f.text for f in ask(rule, page, path))


def test_the_five_sources(source_folder: Path) -> None:
    """Counted and read beside the text: every finding there is right. A range leaves room for finer segments."""
    counts: dict[str, Counter[str]] = {}
    for path in sorted(source_folder.glob("*.txt")):
        document = read_document(path, path.name)
        found = segments(document)
        counts[path.name[:3]] = Counter(f.code for rule in CODE_RULES for f in rule.check(document, found))
    assert counts["000"].keys() == {"COD001", "COD006", "COD007", "COD012", "COD013"} and 7 <= counts["000"].total() <= 10
    assert counts["001"].keys() == {"COD001", "COD006", "COD010", "COD012", "COD013", "COD021", "COD023", "COD024"}
    assert 13 <= counts["001"].total() <= 16
    assert counts["002"] == {"COD013": 1}
    assert counts["003"]["COD003"] == 4 and counts["003"]["COD010"] == counts["003"]["COD011"] == counts["003"]["COD029"] == 1
    assert 17 <= counts["003"].total() <= 22
    assert counts["004"] == {"COD013": 2, "COD020": 1, "COD021": 1}
