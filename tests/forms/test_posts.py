"""The posts of the library have names that people know."""

from __future__ import annotations

from forms.library import post_name, posts
from tests.library import LIBRARY


def test_every_post_of_a_list_has_a_name_and_its_lists_bear_it() -> None:
    lists = [one for one in LIBRARY if one.kind in ("post_controls", "post_duties")]
    assert {code for one in lists for code in one.applies_to.posts} == set(posts())
    for one in lists:
        [code] = one.applies_to.posts
        assert one.title["zh"].startswith(post_name(code))
        kind_of_mine = posts()[code].mine_type
        assert one.applies_to.mine_types == ((kind_of_mine,) if kind_of_mine else ())


def test_a_post_of_the_mines_own_is_shown_by_its_code() -> None:
    assert post_name("X-7") == "X-7"
