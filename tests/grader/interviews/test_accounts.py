"""Who may come in: first owner, sign-in, sessions, roles."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from grader.interviews.accounts import COOKIE, cookie
from grader.interviews.errors import ConflictError, InvalidError, NotAllowedError, SignInError

from .conftest import PASSWORD


@pytest.fixture
def accounts(services):
    """Accounts, without users."""
    return services.accounts


def test_the_first_owner_comes_by_a_link_good_once(accounts):
    """A newer link replaces an older one; once there is an owner, no link is good."""
    assert accounts.empty()
    old, link = accounts.first_link(), accounts.first_link()
    with pytest.raises(SignInError):
        accounts.create_first_owner(old, "Ann", PASSWORD)
    session = accounts.create_first_owner(link, " Ann ", PASSWORD)
    assert (session.user.name, session.user.role) == ("Ann", "owner")
    assert accounts.session(session.token).user == session.user
    assert not accounts.empty()
    with pytest.raises(SignInError):
        accounts.create_first_owner(link, "Eve", PASSWORD)
    with pytest.raises(ConflictError):
        accounts.first_link()


def test_of_two_who_use_the_link_at_once_one_becomes_owner(accounts):
    """The link is used up by the same transaction that makes the owner."""
    link = accounts.first_link()
    ends: list[str] = []

    def come(name: str) -> None:
        try:
            ends.append(accounts.create_first_owner(link, name, PASSWORD).user.name)
        except SignInError:
            ends.append("")

    threads = [threading.Thread(target=come, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends)[:2] == ["", ""]
    assert len(accounts.users(None)) == 1


def test_a_link_is_good_for_a_day(accounts, clock):
    """Then a new start prints a new one."""
    link = accounts.first_link()
    clock.now += timedelta(days=1, minutes=1)
    with pytest.raises(SignInError):
        accounts.create_first_owner(link, "Ann", PASSWORD)


def test_the_database_knows_neither_password_nor_token(accounts, store):
    """argon2id of one, SHA-256 of the other."""
    accounts.add_user(None, "Ann", PASSWORD, "owner")
    session = accounts.sign_in("ann", PASSWORD)
    with store._engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM users")).all()) + str(connection.execute(text("SELECT * FROM sessions")).all())
    assert "$argon2id$" in stored
    assert PASSWORD not in stored
    assert session.token not in stored
    assert session.token not in repr(session)
    assert session.csrf not in repr(session)


def test_sign_in_says_not_which_half_was_wrong(accounts):
    """A wrong password and an unknown name read the same."""
    accounts.add_user(None, "Ann", PASSWORD, "owner")
    said = []
    for name, password in (("Ann", "wrong horse battery"), ("Eve", PASSWORD), ("\x00", PASSWORD), ("", "")):
        with pytest.raises(SignInError) as refused:
            accounts.sign_in(name, password)
        said.append(str(refused.value))
    assert len(set(said)) == 1


def test_after_five_failures_a_name_waits_longer_each_time(accounts, clock):
    """Also for the right password, and for names that nobody has; others may sign in meanwhile."""
    accounts.add_user(None, "Ann", PASSWORD, "owner")
    accounts.add_user(None, "Bob", PASSWORD, "viewer")
    for name in ("Ann", "nobody"):
        for _ in range(5):
            with pytest.raises(SignInError):
                accounts.sign_in(name, "wrong horse battery")
        with pytest.raises(SignInError) as waits:
            accounts.sign_in(name.upper(), PASSWORD)
        assert 0 < waits.value.retry_after <= 5
    accounts.sign_in("Bob", PASSWORD)
    clock.now += timedelta(seconds=6)
    with pytest.raises(SignInError):
        accounts.sign_in("Ann", "wrong horse battery")
    with pytest.raises(SignInError) as waits:
        accounts.sign_in("Ann", PASSWORD)
    assert 5 < waits.value.retry_after <= 10
    clock.now += timedelta(seconds=15)
    assert accounts.sign_in("Ann", PASSWORD).user.name == "Ann"


def test_a_session_ends_when_idle_when_old_and_at_sign_out(accounts, clock):
    """12 hours without use, 7 days at most."""
    accounts.add_user(None, "Ann", PASSWORD, "owner")
    first, second, third = (accounts.sign_in("Ann", PASSWORD) for _ in range(3))
    accounts.sign_out(first.token)
    assert accounts.session(first.token) is None
    for _ in range(13):
        clock.now += timedelta(hours=11)
        assert accounts.session(second.token) is not None
    assert accounts.session(third.token) is None, "idle for days"
    clock.now += timedelta(hours=28)
    assert accounts.session(second.token) is None, "seven days are over"
    assert accounts.session("") is None
    assert accounts.session("x" * 10_000) is None


def test_csrf_belongs_to_one_session(accounts):
    """Another session's token is no good."""
    accounts.add_user(None, "Ann", PASSWORD, "owner")
    one, two = accounts.sign_in("Ann", PASSWORD), accounts.sign_in("Ann", PASSWORD)
    assert accounts.checks(one, one.csrf)
    assert not accounts.checks(one, two.csrf)
    assert not accounts.checks(one, "")
    assert not accounts.checks(one, "\ud800")


def test_owners_govern_and_the_last_one_stays(accounts):
    """Roles are checked; who is disabled is out at once."""
    owner = accounts.add_user(None, "Ann", PASSWORD, "owner")
    bob = accounts.add_user(owner, "Bob", PASSWORD, "interviewer")
    session = accounts.sign_in("Bob", PASSWORD)
    for call in (
        lambda: accounts.add_user(bob, "Eve", PASSWORD, "viewer"),
        lambda: accounts.change_user(bob, bob.id, role="owner"),
        lambda: accounts.change_password(bob, owner.id, PASSWORD),
        lambda: accounts.change_password(bob, bob.id, PASSWORD + "!", old="wrong horse battery"),
    ):
        with pytest.raises(NotAllowedError):
            call()
    for change in ({"role": "viewer"}, {"disabled": True}):
        with pytest.raises(ConflictError, match="last owner"):
            accounts.change_user(owner, owner.id, **change)
    with pytest.raises(ConflictError, match="taken"):
        accounts.add_user(owner, "BOB", PASSWORD, "viewer")
    accounts.change_user(owner, bob.id, disabled=True)
    assert accounts.session(session.token) is None
    with pytest.raises(SignInError):
        accounts.sign_in("Bob", PASSWORD)


def test_a_new_password_ends_the_other_sessions(accounts):
    """The one that set it stays."""
    ann = accounts.add_user(None, "Ann", PASSWORD, "owner")
    here, there = accounts.sign_in("Ann", PASSWORD), accounts.sign_in("Ann", PASSWORD)
    accounts.change_password(ann, ann.id, "another horse battery", old=PASSWORD, keep=here.token)
    assert accounts.session(here.token) is not None
    assert accounts.session(there.token) is None
    accounts.sign_in("Ann", "another horse battery")


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ann", "short"), ("Ann", "x" * 201), ("", PASSWORD), ("a\nb", PASSWORD), ("x" * 201, PASSWORD), ("Ann", "\ud800" * 12)],
)
def test_names_and_passwords_have_bounds(accounts, name, password):
    """Said with the field."""
    with pytest.raises(InvalidError):
        accounts.add_user(None, name, password, "viewer")


def test_the_cookie_is_out_of_reach(accounts):
    """No script reads it, no other site sends it, and over TLS it never goes in clear."""
    accounts.add_user(None, "Ann", PASSWORD, "owner")
    session = accounts.sign_in("Ann", PASSWORD)
    header = cookie(session, secure=True)
    assert header.startswith(f"{COOKIE}={session.token};")
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/"} <= set(header.split("; "))
    assert "Secure" not in cookie(session, secure=False)
    assert "Max-Age=0" in cookie(None, secure=True)
